// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.observe;

import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.Observer;
import dev.culvert.ztunnel.telemetry.AccessLog;
import io.micrometer.core.instrument.MeterRegistry;
import org.slf4j.event.Level;

/** Counts requests and writes the access log. */
public final class RequestTelemetry implements Observer {
  private final AccessLog log;
  private final RequestMeters meters;

  public RequestTelemetry(AccessLog log, MeterRegistry registry) {
    this.log = log;
    this.meters = new RequestMeters(registry);
  }

  @Override
  public void finished(Exchange exchange) {
    meters.count(exchange);
    log.write(
        exchange.flag() == ResponseFlag.NONE ? Level.INFO : Level.WARN, RequestEntry.of(exchange));
  }

  @Override
  public void rejected(ClientConnection connection, int status, String problem) {
    log.write(Level.WARN, new RejectedEntry(connection, status, problem));
  }
}
