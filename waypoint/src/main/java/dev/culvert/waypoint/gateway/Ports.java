// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.waypoint.accept.Entrance;
import dev.culvert.waypoint.accept.HttpListener;
import dev.culvert.waypoint.accept.ServerNames;
import dev.culvert.waypoint.accept.TcpPort;
import dev.culvert.waypoint.exchange.Chain;
import dev.culvert.waypoint.exchange.Exchanges;
import dev.culvert.waypoint.exchange.Guards;
import dev.culvert.waypoint.exchange.Observer;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.stream.StreamPlan;
import dev.culvert.waypoint.stream.Streams;
import dev.culvert.waypoint.trace.TraceContext;
import dev.culvert.waypoint.transform.ApplyFilters;
import dev.culvert.ztunnel.transport.Transport;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open ports. A change replaces what requests go through and keeps the port; a port that is not
 * wanted any more is drained.
 */
public final class Ports implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Ports.class);

  /** A port, and what of it a change replaces. */
  private sealed interface Open {
    /** Requests. */
    record Requests(
        HttpListener listener, Entrance entrance, Exchanges exchanges, @Nullable ServerNames tls)
        implements Open {}

    /** Connections. */
    record Connections(TcpPort listener, Entrance entrance, AtomicReference<StreamPlan> plan)
        implements Open {}

    default Compiled.Kind kind() {
      return switch (this) {
        case Requests one -> one.tls == null ? Compiled.Kind.HTTP : Compiled.Kind.TLS;
        case Connections _ -> Compiled.Kind.TCP;
      };
    }

    default int port() {
      return switch (this) {
        case Requests one -> one.listener.address().getPort();
        case Connections one -> one.listener.address().getPort();
      };
    }

    default void drain() {
      switch (this) {
        case Requests one -> one.listener.drain();
        case Connections one -> one.listener.drain();
      }
    }

    default void close(Duration grace) {
      switch (this) {
        case Requests one -> one.listener.close(grace);
        case Connections one -> one.listener.close(grace);
      }
    }
  }

  private final GatewayConfig config;
  private final Transport transport;
  private final EventLoopGroup workers;
  private final Phase forward;
  private final Streams streams;
  private final Observer observer;
  private final SortedMap<Integer, Open> open = new TreeMap<>();
  private final Map<Integer, Compiled.Port> applied = new HashMap<>();

  /**
   * Opens none yet.
   *
   * @param forward the phase that sends requests to backends
   * @param streams carries connections that nobody looks into
   */
  public Ports(
      GatewayConfig config,
      Transport transport,
      EventLoopGroup workers,
      Phase forward,
      Streams streams,
      Observer observer) {
    this.streams = streams;
    this.config = config;
    this.transport = transport;
    this.workers = workers;
    this.forward = forward;
    this.observer = observer;
  }

  /** Brings the ports to what is wanted; requests from now on go by it. */
  public synchronized void apply(Compiled compiled) {
    streams.govern(compiled.connections());
    List.copyOf(open.keySet()).stream()
        .filter(number -> isUnwanted(number, compiled.ports().get(number)))
        .forEach(number -> shut(number, open.remove(number)));
    applied.keySet().retainAll(open.keySet());
    compiled.ports().forEach(this::apply);
  }

  private boolean isUnwanted(int number, Compiled.@Nullable Port wanted) {
    return wanted == null || wanted.kind() != open.get(number).kind();
  }

  private void apply(int number, Compiled.Port wanted) {
    if (!open.containsKey(number) || !wanted.equals(applied.get(number))) {
      replace(number, wanted);
      applied.put(number, wanted);
    }
  }

  private void replace(int number, Compiled.Port wanted) {
    Chain chain =
        new Chain(
            List.of(
                new TraceContext(config.trace()),
                wanted.match(),
                new Guards(),
                new ApplyFilters(),
                forward),
            observer);
    switch (open.get(number)) {
      case null -> open(number, chain, wanted);
      case Open.Requests known -> {
        known.entrance.behind(wanted.balancers());
        known.exchanges.replace(chain);
        if (known.tls != null) {
          known.tls.replace(wanted.ends());
        }
      }
      case Open.Connections known -> {
        known.entrance.behind(wanted.balancers());
        known.plan.set(wanted.stream());
      }
    }
  }

  private void open(int number, Chain chain, Compiled.Port wanted) {
    InetSocketAddress address = new InetSocketAddress(config.address(), number);
    try {
      open.put(
          number,
          wanted.kind() == Compiled.Kind.TCP
              ? connections(address, wanted)
              : requests(address, chain, wanted));
      LOG.info("port {} is open, {}", number, wanted.kind());
    } catch (IOException e) {
      LOG.error("port {} stays closed: {}", number, e.getMessage());
    }
  }

  private Open requests(InetSocketAddress address, Chain chain, Compiled.Port wanted)
      throws IOException {
    Exchanges exchanges = new Exchanges(chain);
    ServerNames tls = wanted.kind() == Compiled.Kind.TLS ? new ServerNames(wanted.ends()) : null;
    Entrance entrance = entrance(wanted);
    return new Open.Requests(
        HttpListener.open(transport, workers, address, config.accept(), entrance, exchanges, tls),
        entrance,
        exchanges,
        tls);
  }

  private Entrance entrance(Compiled.Port wanted) {
    Entrance entrance = new Entrance(config.accept().headTimeout(), observer::refused);
    entrance.behind(wanted.balancers());
    return entrance;
  }

  private Open connections(InetSocketAddress address, Compiled.Port wanted) throws IOException {
    AtomicReference<StreamPlan> plan = new AtomicReference<>(wanted.stream());
    Entrance entrance = entrance(wanted);
    return new Open.Connections(
        TcpPort.open(transport, workers, address, entrance, streams.tcp(plan::get)),
        entrance,
        plan);
  }

  /** Its requests go on while others are served. */
  private void shut(int number, Open port) {
    LOG.info("port {} is closed", number);
    port.drain();
    Thread.ofVirtual().start(() -> port.close(config.drainDeadline()));
  }

  /** The ports that are open, by the port of the listener. */
  public synchronized SortedMap<Integer, Integer> numbers() {
    SortedMap<Integer, Integer> numbers = new TreeMap<>();
    open.forEach((number, port) -> numbers.put(number, port.port()));
    return numbers;
  }

  /** Lets all requests end, those of all ports at once. */
  @Override
  public synchronized void close() {
    List<Thread> ends = new ArrayList<>();
    open.values()
        .forEach(
            port -> ends.add(Thread.ofVirtual().start(() -> port.close(config.drainDeadline()))));
    open.clear();
    for (Thread end : ends) {
      try {
        end.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
