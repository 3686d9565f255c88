// SPDX-License-Identifier: Apache-2.0
/** Routes by tenant beneath {@link javax.sql.DataSource}: open an {@link dev.anabranch.Anabranch}, take a data source. */
@NullMarked
package dev.anabranch;

import org.jspecify.annotations.NullMarked;
