// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.policy.route.RequestHead;
import dev.culvert.waypoint.http.Query;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request whose target and host have been checked, as routes see it. One per request, on its
 * event loop.
 */
public final class AcceptedRequest implements RequestHead {
  private final HttpRequest request;
  private final RequestTarget target;
  private final String host;
  private @Nullable Map<String, List<String>> parameters;

  private AcceptedRequest(HttpRequest request, RequestTarget target, String host) {
    this.request = request;
    this.target = target;
    this.host = host;
  }

  /**
   * Accepts a request.
   *
   * @throws RejectedRequestException when its target is refused or it has not exactly one host (RFC
   *     9112, section 3.2)
   */
  public static AcceptedRequest of(HttpRequest request) throws RejectedRequestException {
    List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
    if (hosts.size() != 1) {
      throw new RejectedRequestException("a request names one host, this one " + hosts.size());
    }
    return new AcceptedRequest(
        request, RequestTarget.parse(request.uri()), withoutPort(hosts.getFirst()));
  }

  @Override
  public String host() {
    return host;
  }

  @Override
  public String method() {
    return request.method().name();
  }

  @Override
  public String path() {
    return target.path();
  }

  @Override
  public Optional<String> header(String name) {
    Iterator<String> values = request.headers().valueStringIterator(name);
    if (!values.hasNext()) {
      return Optional.empty();
    }
    String value = values.next();
    // The iterator's order is not that in which they were sent.
    return Optional.of(values.hasNext() ? String.join(",", request.headers().getAll(name)) : value);
  }

  @Override
  public Optional<String> queryParameter(String name) {
    if (parameters == null) {
      parameters = Query.parameters(target.query());
    }
    return parameters.getOrDefault(name, List.of()).stream().findFirst();
  }

  private static String withoutPort(String host) {
    int end = host.startsWith("[") ? host.indexOf(']') + 1 : host.indexOf(':');
    return (end > 0 ? host.substring(0, end) : host).toLowerCase(Locale.ROOT);
  }
}
