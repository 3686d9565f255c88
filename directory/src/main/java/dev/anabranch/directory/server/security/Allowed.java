// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.security;

import dev.anabranch.directory.server.store.Role;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The roles that may call an endpoint. One without this annotation is refused to all. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Allowed {
    /** The roles. */
    Role[] value();
}
