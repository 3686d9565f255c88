// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.problem;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Errors that reach the container, and the pages that a problem's {@code type} leads to. */
@RestController
@Hidden
class ErrorPage implements ErrorController {
    /**
     * A kind of problem, described.
     *
     * @param code its stable name
     * @param title its summary
     * @param status its HTTP status
     * @param nextSteps what a caller can do
     */
    record Kind(String code, String title, int status, @JsonProperty("next_steps") List<String> nextSteps) {}

    @RequestMapping("/error")
    ResponseEntity<Problem> error(HttpServletRequest request) {
        Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        ProblemCode code = status instanceof Integer number ? Statuses.codeOf(number) : ProblemCode.NOT_FOUND;
        return ProblemHandler.answer(Problem.of(code, Statuses.detail(code)));
    }

    @GetMapping("/problems/{code}")
    Kind describe(@PathVariable String code) {
        ProblemCode known = ProblemCode.of(code)
                .orElseThrow(() -> new ProblemException(ProblemCode.NOT_FOUND, "There is no such kind of problem"));
        return new Kind(known.code(), known.title(), known.status(), known.nextSteps());
    }
}
