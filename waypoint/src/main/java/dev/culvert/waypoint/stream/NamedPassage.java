// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import dev.culvert.waypoint.accept.ByServerName;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.stream.ClientHello.Seen;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose backend is found by the name that its TLS handshake asks for. Its client is
 * accepted to hear that; one that asks for nobody known, or speaks something else, is reset, and
 * nothing of it goes on. On its event loop.
 */
public final class NamedPassage implements PeekedHalf.Peek {
  /** As much time as front doors give. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Carriers carriers;
  private final Function<Optional<String>, PassageClient> clients;
  private final ByServerName<RoutePlan> routes;
  private final PassageClient unnamed;
  private final PeekedHalf half;
  private @Nullable ClientHello hello = new ClientHello(ByteBufAllocator.DEFAULT);
  private @Nullable Future<?> timeout;

  /**
   * Accepts the client.
   *
   * @param clients who it is, by the name that it asks for
   * @param routes of backends
   */
  public NamedPassage(
      Carriers carriers,
      Function<Optional<String>, PassageClient> clients,
      ByServerName<RoutePlan> routes) {
    this.carriers = carriers;
    this.clients = clients;
    this.routes = routes;
    this.unnamed = clients.apply(Optional.empty());
    this.half = new PeekedHalf(unnamed.accept());
  }

  /** Begins to look. */
  public void begin() {
    timeout =
        unnamed
            .connection()
            .loop()
            .schedule(
                () -> refuse("it began no TLS handshake within " + PATIENCE.toSeconds() + " s"),
                PATIENCE.toNanos(),
                TimeUnit.NANOSECONDS);
    half.peek(this);
  }

  @Override
  public void data(ByteBuf data) {
    if (hello == null) {
      return;
    }
    switch (hello.add(data)) {
      case Seen.Part _ -> {
        // The rest comes.
      }
      case Seen.Other(String problem) -> refuse(problem);
      case Seen.Whole(Optional<String> name) -> route(name);
    }
  }

  @Override
  public void ended() {
    refuse("it ended before it had asked for a server name");
  }

  private void route(Optional<String> name) {
    Optional<RoutePlan> found = routes.find(name.orElse(null));
    if (found.isEmpty()) {
      refuse("no route takes the server name '%s'".formatted(name.orElse("")));
    } else if (decide()) {
      PassageClient client = new AcceptedClient(clients.apply(name), half);
      new Passage(carriers, client, found.get(), true).begin();
    }
  }

  private void refuse(String problem) {
    if (decide()) {
      Outcome outcome = Outcome.failed(ResponseFlag.CONNECT, problem);
      carriers.telemetry().refused(unnamed.info(unnamed.connection().local()), outcome);
      half.reset();
      unnamed.over();
    }
  }

  /** Once only. */
  private boolean decide() {
    if (hello == null) {
      return false;
    }
    hello.close();
    hello = null;
    if (timeout != null) {
      timeout.cancel(false);
    }
    return true;
  }
}
