// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authorize;

import com.google.protobuf.ByteString;
import dev.culvert.policy.authz.request.Question;
import dev.culvert.policy.resource.ExtensionProvider;
import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.LocalAnswer;
import dev.culvert.waypoint.http.LookAlikes;
import dev.culvert.waypoint.http.Query;
import dev.culvert.waypoint.http.ResponseFlag;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringEncoder;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** What is asked about one request. On its event loop. */
final class Inquiry {
  private static final int FORBIDDEN = 403;
  private static final int TOO_LARGE = 413;

  private final Exchange exchange;
  private final Iterator<Question> questions;
  private final Map<String, Provider> providers;

  Inquiry(Exchange exchange, List<Question> questions, Map<String, Provider> providers) {
    this.exchange = exchange;
    this.questions = questions.iterator();
    this.providers = providers;
  }

  /** Asks who is next; when all were asked, the request goes on. */
  void next() {
    if (!questions.hasNext()) {
      exchange.proceed();
      return;
    }
    Question question = questions.next();
    Provider provider = providers.get(question.provider());
    if (provider == null) {
      refuse(question, FORBIDDEN, "there is no provider '%s'".formatted(question.provider()));
      return;
    }
    provider
        .settings()
        .body()
        .ifPresentOrElse(
            body -> exchange.gather(body.most(), () -> ask(question, provider, body)),
            () -> ask(question, provider, Provider.Told.NOTHING));
  }

  private void ask(Question question, Provider provider, ExtensionProvider.Body wanted) {
    ByteString body = ByteString.copyFrom(exchange.gathered(wanted.most()));
    boolean partial = !exchange.isGathered();
    if (partial && !wanted.partial()) {
      refuse(
          question,
          TOO_LARGE,
          "the body is longer than the %d bytes that provider '%s' is told"
              .formatted(wanted.most(), question.provider()));
    } else {
      ask(question, provider, new Provider.Told(true, body, partial));
    }
  }

  private void ask(Question question, Provider provider, Provider.Told body) {
    provider.ask(exchange, body, decision -> decided(question, provider.settings(), decision));
  }

  private void decided(Question question, ExtensionProvider provider, Decision decision) {
    if (exchange.isOver()) {
      return;
    }
    switch (decision) {
      case Decision.Allowed allowed -> allow(question, provider, allowed);
      case Decision.Refused refused -> refuse(question, refused);
      case Decision.Failed(String problem) -> failed(question, provider, problem);
    }
  }

  private void allow(Question question, ExtensionProvider provider, Decision.Allowed allowed) {
    HttpHeaders headers = exchange.head().headers();
    try {
      HttpHeaders tried = headers.copy();
      allowed.removed().stream().filter(FieldEdit::isTheirs).forEach(tried::remove);
      allowed.request().forEach(edit -> edit.apply(tried));
      new LookAlikes(allowed.said()).strip(tried);
      allowed.response().forEach(edit -> edit.apply(new DefaultHttpHeaders()));
      parameters(allowed);
      headers.set(tried);
    } catch (IllegalArgumentException e) {
      failed(question, provider, "what it set cannot be: " + e.getMessage());
      return;
    }
    if (!allowed.response().isEmpty()) {
      exchange.onResponse(
          response -> allowed.response().forEach(edit -> edit.apply(response.headers())));
    }
    next();
  }

  private void parameters(Decision.Allowed allowed) {
    if (allowed.parameters().isEmpty() && allowed.removedParameters().isEmpty()) {
      return;
    }
    String uri = exchange.head().uri();
    Map<String, List<String>> parameters = Query.parameters(Query.of(uri));
    parameters.keySet().removeAll(allowed.removedParameters());
    allowed.parameters().forEach((name, value) -> parameters.put(name, List.of(value)));
    QueryStringEncoder after = new QueryStringEncoder(uri.replaceFirst("\\?.*$", ""));
    parameters.forEach((name, values) -> values.forEach(value -> after.addParam(name, value)));
    exchange.head().setUri(after.toString());
  }

  private void failed(Question question, ExtensionProvider provider, String problem) {
    String told = "provider '%s': %s".formatted(question.provider(), problem);
    if (provider.failOpen()) {
      exchange.account().noted("let through by %s: %s".formatted(question.policy(), told));
      next();
    } else {
      refuse(question, provider.statusOnError(), told);
    }
  }

  private void refuse(Question question, Decision.Refused refused) {
    HttpHeaders headers = new DefaultHttpHeaders();
    try {
      refused.headers().forEach(edit -> edit.apply(headers));
    } catch (IllegalArgumentException e) {
      headers.clear();
    }
    int status = refused.status();
    String body = status == 204 || status == 304 ? "" : refused.body();
    String details = "refused by provider '%s'".formatted(question.provider());
    refuse(question, new LocalAnswer(status, ResponseFlag.DENIED, details, headers, body));
  }

  private void refuse(Question question, int status, String details) {
    refuse(question, LocalAnswer.of(status, ResponseFlag.DENIED, details));
  }

  private void refuse(Question question, LocalAnswer answer) {
    exchange.account().decidedBy(question.policy().toString());
    exchange.answer(answer);
  }
}
