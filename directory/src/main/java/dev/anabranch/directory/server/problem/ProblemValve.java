// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.problem;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;

/** Answers with problem details where Tomcat refuses a request before any servlet has seen it. */
public final class ProblemValve extends ErrorReportValve {
    @Override
    protected void report(Request request, Response response, @Nullable Throwable throwable) {
        int status = response.getStatus();
        if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        ProblemCode code = Statuses.codeOf(status);
        try {
            ProblemWriter.write(response, Problem.of(code, Statuses.detail(code)));
            response.finishResponse();
        } catch (IOException | IllegalStateException e) {
            // The client has gone, or the answer has begun: there is nobody to tell.
            container.getLogger().debug("An error could not be reported", e);
        }
    }
}
