// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.Hop;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.trace.TraceSettings.Format;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The phase that makes a request's way visible: an id for the logs, and its trace, of which this
 * hop is a span. It goes on with the trace that the client tells of, and with whether that is
 * sampled, and tells it in the form that is set and in that which the client used.
 */
public final class TraceContext implements Phase {
  private static final AsciiString REQUEST_ID = AsciiString.cached("x-request-id");
  private static final double WHOLE = 100;

  private final TraceSettings settings;

  public TraceContext(TraceSettings settings) {
    this.settings = settings;
  }

  @Override
  public Step run(Exchange exchange) {
    HttpHeaders headers = exchange.head().headers();
    if (!headers.contains(REQUEST_ID)) {
      ThreadLocalRandom random = ThreadLocalRandom.current();
      headers.set(REQUEST_ID, new UUID(random.nextLong(), random.nextLong()).toString());
    }
    boolean w3c = W3c.isIn(headers);
    boolean b3 = B3.isIn(headers);
    Optional<Parent> told = w3c ? W3c.read(headers) : Optional.empty();
    Optional<Parent> parent = told.isEmpty() && b3 ? B3.read(headers) : told;
    Optional<Boolean> decided = parent.flatMap(Parent::sampled);
    Hop hop = hop(parent, decided.isEmpty() && b3 ? B3.decision(headers) : decided);
    if (w3c || settings.format() != Format.B3) {
      W3c.write(hop, told.isPresent(), headers);
    }
    if (b3 || settings.format() != Format.W3C) {
      B3.write(hop, headers);
    }
    exchange.findings().traced(hop);
    return Step.NEXT;
  }

  private Hop hop(Optional<Parent> parent, Optional<Boolean> decided) {
    boolean sampled = decided.orElseGet(this::draws);
    return parent.isPresent()
        ? parent.get().next(sampled)
        : new Hop(Ids.make(), Ids.make(), Ids.make(), 0, sampled);
  }

  /** Without a collector of our own nobody is asked to collect. */
  private boolean draws() {
    return settings.endpoint().isPresent()
        && ThreadLocalRandom.current().nextDouble(WHOLE) < settings.percent();
  }
}
