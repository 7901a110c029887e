// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authorize;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What a provider says of a request. */
sealed interface Decision {
  /**
   * It may go on.
   *
   * @param request made to its header fields
   * @param removed of its header fields
   * @param response made to the header fields of its response
   * @param parameters of its query, that are set
   * @param removedParameters of its query
   */
  record Allowed(
      List<FieldEdit> request,
      List<String> removed,
      List<FieldEdit> response,
      Map<String, String> parameters,
      List<String> removedParameters)
      implements Decision {
    /** Copies the lists. */
    public Allowed {
      request = List.copyOf(request);
      removed = List.copyOf(removed);
      response = List.copyOf(response);
      removedParameters = List.copyOf(removedParameters);
    }

    /** The names of the request's fields that it says something of. */
    List<String> said() {
      return Stream.concat(request.stream().map(FieldEdit::name), removed.stream())
          .filter(FieldEdit::isTheirs)
          .toList();
    }
  }

  /** It may not, and this is what the client is answered. */
  record Refused(int status, List<FieldEdit> headers, String body) implements Decision {
    /** Copies the fields. */
    public Refused {
      headers = List.copyOf(headers);
    }
  }

  /**
   * Nobody knows.
   *
   * @param problem for the log
   */
  record Failed(String problem) implements Decision {}
}
