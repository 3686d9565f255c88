// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.problem;

/** Problems where nothing but an HTTP status is known. */
final class Statuses {
    private Statuses() {}

    static ProblemCode codeOf(int status) {
        return switch (status) {
            case 401 -> ProblemCode.UNAUTHENTICATED;
            case 403 -> ProblemCode.NOT_ALLOWED;
            case 404 -> ProblemCode.NOT_FOUND;
            case 405 -> ProblemCode.METHOD_NOT_ALLOWED;
            case 406 -> ProblemCode.NOT_ACCEPTABLE;
            case 413, 414, 431 -> ProblemCode.REQUEST_TOO_LARGE;
            case 415 -> ProblemCode.MEDIA_TYPE_UNSUPPORTED;
            default -> status >= 400 && status < 500 ? ProblemCode.REQUEST_INVALID : ProblemCode.INTERNAL;
        };
    }

    static String detail(ProblemCode code) {
        return switch (code) {
            case NOT_FOUND -> "There is nothing at this path";
            case METHOD_NOT_ALLOWED -> "This path does not know the method";
            case MEDIA_TYPE_UNSUPPORTED -> "This path does not read a body of that type";
            case REQUEST_TOO_LARGE -> "The request is longer than this server reads";
            case REQUEST_INVALID -> "The request cannot be read";
            default -> code.title();
        };
    }
}
