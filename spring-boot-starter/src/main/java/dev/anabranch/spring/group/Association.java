// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.group;

import jakarta.persistence.Embeddable;
import jakarta.persistence.Entity;
import jakarta.persistence.ManyToMany;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.OneToMany;
import jakarta.persistence.OneToOne;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ResolvableType;

/**
 * An association between entities, as its annotation on a field or a getter says.
 *
 * @param name where it is, for example {@code Review.product}
 * @param target the entity at its other end
 */
record Association(String name, Class<?> target) {

    /** All associations of a class, with those of its superclasses and of the values embedded in it. */
    static List<Association> of(Class<?> type) {
        List<Association> found = new ArrayList<>();
        collect(type, type.getSimpleName(), found, new HashSet<>());
        return found;
    }

    private static void collect(Class<?> type, String path, List<Association> found, Set<Class<?>> seen) {
        for (Class<?> one = type; one != null && one != Object.class && seen.add(one); one = one.getSuperclass()) {
            for (Field field : one.getDeclaredFields()) {
                look(field, ResolvableType.forField(field, type), path, found, seen);
            }
            for (Method method : one.getDeclaredMethods()) {
                if (method.getParameterCount() == 0) {
                    look(method, ResolvableType.forMethodReturnType(method, type), path, found, seen);
                }
            }
        }
    }

    private static <M extends Member & AnnotatedElement> void look(
            M member, ResolvableType declared, String path, List<Association> found, Set<Class<?>> seen) {
        String name = path + "." + attribute(member);
        Class<?> said = target(member);
        Class<?> element = element(declared).resolve(Object.class);
        if (said != null) {
            Class<?> target = said == void.class ? element : said;
            if (target.isAnnotationPresent(Entity.class)) {
                found.add(new Association(name, target));
            }
        } else if (member instanceof Field && element.isAnnotationPresent(Embeddable.class)) {
            collect(element, name, found, seen);
        }
    }

    /** The target that the annotation names; {@code void} where the type is to say it; null where there is none. */
    private static @Nullable Class<?> target(AnnotatedElement member) {
        ManyToOne manyToOne = member.getAnnotation(ManyToOne.class);
        if (manyToOne != null) {
            return manyToOne.targetEntity();
        }
        OneToOne oneToOne = member.getAnnotation(OneToOne.class);
        if (oneToOne != null) {
            return oneToOne.targetEntity();
        }
        OneToMany oneToMany = member.getAnnotation(OneToMany.class);
        if (oneToMany != null) {
            return oneToMany.targetEntity();
        }
        ManyToMany manyToMany = member.getAnnotation(ManyToMany.class);
        return manyToMany == null ? null : manyToMany.targetEntity();
    }

    /** The type of the elements, or of a map's values; of anything else the type itself. */
    private static ResolvableType element(ResolvableType declared) {
        Class<?> type = declared.resolve(Object.class);
        if (Map.class.isAssignableFrom(type)) {
            return declared.as(Map.class).getGeneric(1);
        }
        return Collection.class.isAssignableFrom(type) ? declared.as(Collection.class).getGeneric(0) : declared;
    }

    private static String attribute(Member member) {
        String name = member.getName();
        if (member instanceof Field || !name.startsWith("get") || name.length() < 4) {
            return name;
        }
        return Character.toLowerCase(name.charAt(3)) + name.substring(4);
    }
}
