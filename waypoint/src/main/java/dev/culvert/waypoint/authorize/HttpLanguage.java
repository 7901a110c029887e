// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authorize;

import dev.culvert.policy.resource.ExtensionProvider;
import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.forward.CallAnswer;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A request of the same method and path, without its body unless that is asked for: 200 allows. */
final class HttpLanguage implements Provider.Language {
  private static final Set<String> ALWAYS_ASKED = Set.of("authorization");

  /** Told with each refusal of which some fields are told. */
  private static final Set<String> ALWAYS_ANSWERED = Set.of("www-authenticate", "location");

  private static final String TO_REMOVE = "x-envoy-auth-headers-to-remove";

  private final ExtensionProvider.Http settings;
  private final FieldNames asked;
  private final FieldNames upstream;
  private final FieldNames downstreamDeny;
  private final FieldNames downstreamAllow;

  HttpLanguage(ExtensionProvider.Http settings) {
    this.settings = settings;
    this.asked = new FieldNames(settings.asked());
    this.upstream = new FieldNames(settings.upstream());
    this.downstreamDeny = new FieldNames(settings.downstreamDeny());
    this.downstreamAllow = new FieldNames(settings.downstreamAllow());
  }

  @Override
  public boolean isHttp2() {
    return false;
  }

  @Override
  public HttpRequest head(Exchange exchange, Provider.Told body) {
    HttpRequest head =
        new DefaultHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.valueOf(exchange.account().method()),
            settings.pathPrefix() + exchange.head().uri());
    HttpHeaders headers = head.headers();
    AskedFields.of(exchange, body)
        .forEach(
            (name, value) -> {
              boolean told = ALWAYS_ASKED.contains(name) || asked.take(name);
              if (told && FieldEdit.isTheirs(name)) {
                headers.set(name, value);
              }
            });
    settings.added().forEach(headers::set);
    headers.set(HttpHeaderNames.HOST, exchange.head().headers().get(HttpHeaderNames.HOST, ""));
    headers.set(HttpHeaderNames.CONTENT_LENGTH, body.bytes().size());
    return head;
  }

  @Override
  public byte[] body(Exchange exchange, Provider.Told body) {
    return body.bytes().toByteArray();
  }

  @Override
  public Decision decision(CallAnswer.Whole answer) {
    if (answer.status() == 200) {
      return new Decision.Allowed(
          edits(answer.headers(), upstream),
          removed(answer.headers()),
          edits(answer.headers(), downstreamAllow),
          Map.of(),
          List.of());
    }
    if (answer.status() >= 500) {
      throw new IllegalArgumentException("it answered with status " + answer.status());
    }
    return new Decision.Refused(
        answer.status(), refusal(answer.headers()), answer.body().toStringUtf8());
  }

  private List<FieldEdit> refusal(HttpHeaders headers) {
    List<FieldEdit> edits = new ArrayList<>();
    for (Map.Entry<String, String> field : headers) {
      String name = field.getKey();
      if (downstreamDeny.isEmpty()
          || downstreamDeny.take(name)
          || ALWAYS_ANSWERED.contains(name.toLowerCase(Locale.ROOT))) {
        edits.add(new FieldEdit(name, field.getValue(), FieldEdit.How.APPEND));
      }
    }
    return edits;
  }

  /** A field that the answer has several times takes the place of what was there only once. */
  private static List<FieldEdit> edits(HttpHeaders headers, FieldNames names) {
    List<FieldEdit> edits = new ArrayList<>();
    for (String name : headers.names()) {
      if (names.take(name) && !(names.areAll() && isOfItself(name))) {
        FieldEdit.How how = FieldEdit.How.SET;
        for (String value : headers.getAll(name)) {
          edits.add(new FieldEdit(name, value, how));
          how = FieldEdit.How.APPEND;
        }
      }
    }
    return edits;
  }

  /** What tells of the answer's own body would be wrong of another. */
  private static boolean isOfItself(String name) {
    return name.toLowerCase(Locale.ROOT).startsWith("content-");
  }

  private static List<String> removed(HttpHeaders headers) {
    return headers.getAll(TO_REMOVE).stream()
        .flatMap(names -> Arrays.stream(names.split(",", -1)))
        .map(String::strip)
        .toList();
  }
}
