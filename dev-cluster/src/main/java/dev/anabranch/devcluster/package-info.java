// SPDX-License-Identifier: Apache-2.0
/**
 * Real database servers without an installation, for the demo, the tests and the benchmarks alike.
 *
 * <p>{@link dev.anabranch.devcluster.DevCluster} starts named servers that end with the JVM, however it ends;
 * {@link dev.anabranch.devcluster.DetachedCluster} starts servers for people, which stay until they are taken down.
 * PostgreSQL servers can have streaming standbys that lag, stop, take over and die as they are told.
 * The binaries come from the class path and are unpacked once for each user beneath {@code java.io.tmpdir}.
 * Everything listens on 127.0.0.1 alone and asks for a password. Durability is off: never keep data here that matters.
 */
@NullMarked
package dev.anabranch.devcluster;

import org.jspecify.annotations.NullMarked;
