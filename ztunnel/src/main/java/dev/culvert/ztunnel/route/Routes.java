// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.route;

import dev.culvert.ztunnel.xds.NeededNames;
import dev.culvert.ztunnel.xds.OnDemand;
import dev.culvert.ztunnel.xds.Workload;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Finds the way of a connection, after the control plane was asked for what it depends on, if that
 * does not come unasked. Without an answer the connection is refused: where it goes might have a
 * tunnel.
 */
public final class Routes {
  private final Router router;
  private final Optional<OnDemand> demand;
  private final Duration patience;

  /**
   * @param demand empty when all of the mesh comes unasked
   * @param patience how long a connection waits for answers
   */
  public Routes(Router router, Optional<OnDemand> demand, Duration patience) {
    this.router = router;
    this.demand = demand;
    this.patience = patience;
  }

  /** Decides by what is known now. */
  public Router router() {
    return router;
  }

  /**
   * Finds the way from a pod to the address that it asked for.
   *
   * @param asked never v4-mapped
   * @param found called once, on the loop, at once if nothing must be asked for
   */
  public void find(
      Workload source, InetSocketAddress asked, EventLoop loop, Consumer<Route> found) {
    if (demand.isPresent()) {
      new Search(demand.get(), source, asked, loop, found).look();
    } else {
      found.accept(router.route(source, asked));
    }
  }

  /** Each answer may tell of a waypoint or a gateway that must be asked for next. */
  private final class Search {
    private final OnDemand demand;
    private final Workload source;
    private final InetSocketAddress asked;
    private final EventLoop loop;
    private final Consumer<Route> found;
    private final long deadline = System.nanoTime() + patience.toNanos();

    Search(
        OnDemand demand,
        Workload source,
        InetSocketAddress asked,
        EventLoop loop,
        Consumer<Route> found) {
      this.demand = demand;
      this.source = source;
      this.asked = asked;
      this.loop = loop;
      this.found = found;
    }

    void look() {
      NeededNames mesh = demand.look();
      Route route = router.seeing(mesh).route(source, asked);
      Duration left = Duration.ofNanos(deadline - System.nanoTime());
      if (mesh.names().isEmpty()) {
        found.accept(route);
      } else if (left.isPositive()) {
        demand.ask(mesh.names(), loop, left, answered -> heard(answered, mesh, route));
      } else {
        heard(false, mesh, route);
      }
    }

    /** An answer of before is better than none: while the control plane is away, it stays good. */
    private void heard(boolean answered, NeededNames mesh, Route route) {
      if (answered) {
        look();
      } else if (mesh.wereAnswered()) {
        found.accept(route);
      } else {
        found.accept(
            new Route.Refused(
                "the control plane was asked for %s and did not answer within %d s; xds-on-demand needs it"
                    .formatted(String.join(", ", mesh.names()), patience.toSeconds()),
                Optional.empty()));
      }
    }
  }
}
