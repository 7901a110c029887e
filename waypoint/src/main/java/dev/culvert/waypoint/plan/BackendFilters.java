// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import dev.culvert.waypoint.plan.BackendFilter.Answer;
import dev.culvert.waypoint.plan.BackendFilter.Client;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The filters of one backend of a rule, in their order, and who gets copies of its requests. */
public final class BackendFilters {
  /** Of a backend that has none. */
  public static final BackendFilters NONE = new BackendFilters(List.of(), List.of());

  private final BackendFilter[] filters;
  private final boolean mayAnswer;
  private final List<Mirror> mirrors;

  /**
   * @param mirrors each gets copies
   */
  public BackendFilters(List<BackendFilter> filters, List<Mirror> mirrors) {
    this.filters = filters.toArray(BackendFilter[]::new);
    this.mayAnswer = filters.stream().anyMatch(BackendFilter::mayAnswer);
    this.mirrors = List.copyOf(mirrors);
  }

  /** Who gets copies of the requests that go to the backend. */
  public List<Mirror> mirrors() {
    return mirrors;
  }

  /** Whether requests go there, and responses come from there, as they are. */
  public boolean isNone() {
    return filters.length == 0;
  }

  /** Whether one may answer in place of the backend. */
  public boolean mayAnswer() {
    return mayAnswer;
  }

  /** An answer in place of the backend's; null when the request goes there. */
  public @Nullable Answer instead(HttpRequest head, Client client) {
    return run(copy(head), client);
  }

  /** The head as the backend is to see it: another attempt may go to another. */
  public HttpRequest changed(HttpRequest head, Client client) {
    HttpRequest changed = copy(head);
    run(changed, client);
    return changed;
  }

  private @Nullable Answer run(HttpRequest head, Client client) {
    for (BackendFilter filter : filters) {
      Answer answer = filter.request(head, client);
      if (answer != null) {
        return answer;
      }
    }
    return null;
  }

  private static HttpRequest copy(HttpRequest head) {
    return new DefaultHttpRequest(
        head.protocolVersion(), head.method(), head.uri(), head.headers().copy());
  }

  /** Changes the head of a response of the backend. */
  public void response(HttpRequest asked, HttpResponse response) {
    for (BackendFilter filter : filters) {
      filter.response(asked, response);
    }
  }
}
