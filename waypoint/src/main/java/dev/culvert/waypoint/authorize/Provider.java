// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authorize;

import com.google.protobuf.ByteString;
import dev.culvert.policy.resource.ExtensionProvider;
import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.forward.CallAnswer;
import dev.culvert.waypoint.forward.Calls;
import dev.culvert.waypoint.plan.Asking;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Target;
import io.micrometer.core.instrument.Timer;
import io.netty.handler.codec.http.HttpRequest;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Who decides on requests for policies of action CUSTOM. Immutable, any loop. */
final class Provider {
  private static final int MOST_ANSWER = 1024 * 1024;

  /** How it is asked. */
  interface Language {
    /** The head of what it is asked. */
    HttpRequest head(Exchange exchange, Told body);

    /** The body of what it is asked. */
    byte[] body(Exchange exchange, Told body);

    /** What its answer means; throws IllegalArgumentException when it is none. */
    Decision decision(CallAnswer.Whole answer);

    /** Whether it needs HTTP/2, whatever the port says. */
    boolean isHttp2();
  }

  /**
   * What it is told of a body.
   *
   * @param isTold whether it is told any
   * @param partial whether there is more
   */
  record Told(boolean isTold, ByteString bytes, boolean partial) {
    static final Told NOTHING = new Told(false, ByteString.EMPTY, false);
  }

  private final ExtensionProvider settings;
  private final Destination destination;
  private final Calls calls;
  private final Language language;
  private final Map<Inquiries.Outcome, Timer> timers;

  Provider(
      ExtensionProvider settings, Destination destination, Inquiries inquiries, Language language) {
    this.settings = settings;
    this.destination = destination;
    this.calls = inquiries.calls();
    this.language = language;
    this.timers = inquiries.timers(settings.name());
  }

  ExtensionProvider settings() {
    return settings;
  }

  /**
   * Asks about a request, which waits.
   *
   * @param told of the decision on the request's loop, perhaps before this returns; not when the
   *     client goes away
   */
  void ask(Exchange exchange, Told body, Consumer<Decision> told) {
    long begun = System.nanoTime();
    Consumer<Decision> counted =
        decision -> {
          Inquiries.Outcome outcome = Inquiries.Outcome.of(decision);
          timers.get(outcome).record(System.nanoTime() - begun, TimeUnit.NANOSECONDS);
          told.accept(decision);
        };
    switch (destination.next(asking(exchange))) {
      case Pick.None none -> counted.accept(new Decision.Failed(none.reason()));
      case Target target -> {
        Calls.Pending pending =
            calls.send(
                exchange.connection().loop(),
                language.isHttp2() ? target.in(Protocol.HTTP2) : target,
                language.head(exchange, body),
                language.body(exchange, body),
                new Calls.Bounds(settings.timeout(), MOST_ANSWER),
                answer -> counted.accept(decision(answer)));
        if (pending.isOpen()) {
          exchange.waits(pending::cancel);
        }
      }
    }
  }

  private Decision decision(CallAnswer answer) {
    return switch (answer) {
      case CallAnswer.None(String problem) -> new Decision.Failed(problem);
      case CallAnswer.Whole whole -> {
        try {
          yield language.decision(whole);
        } catch (IllegalArgumentException e) {
          yield new Decision.Failed(String.valueOf(e.getMessage()));
        }
      }
    };
  }

  private static Asking asking(Exchange exchange) {
    return new Asking() {
      @Override
      public boolean isHttp2() {
        return false;
      }

      @Override
      public InetSocketAddress address() {
        return exchange.connection().local();
      }
    };
  }
}
