// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.waypoint.accept.HttpListener;
import dev.culvert.waypoint.accept.ServerNames;
import dev.culvert.waypoint.exchange.Chain;
import dev.culvert.waypoint.exchange.Exchanges;
import dev.culvert.waypoint.exchange.Guards;
import dev.culvert.waypoint.exchange.Observer;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.observe.TraceContext;
import dev.culvert.waypoint.transform.ApplyFilters;
import dev.culvert.ztunnel.transport.Transport;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open ports. A change replaces what requests go through and keeps the port; a port that is not
 * wanted any more is drained.
 */
final class Ports implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Ports.class);

  private record Open(HttpListener listener, Exchanges exchanges, @Nullable ServerNames tls) {}

  private final GatewayConfig config;
  private final Transport transport;
  private final EventLoopGroup workers;
  private final Phase forward;
  private final Observer observer;
  private final SortedMap<Integer, Open> open = new TreeMap<>();

  Ports(
      GatewayConfig config,
      Transport transport,
      EventLoopGroup workers,
      Phase forward,
      Observer observer) {
    this.config = config;
    this.transport = transport;
    this.workers = workers;
    this.forward = forward;
    this.observer = observer;
  }

  synchronized void apply(Compiled compiled) {
    List.copyOf(open.keySet()).stream()
        .filter(number -> isUnwanted(number, compiled.ports().get(number)))
        .forEach(number -> shut(number, open.remove(number)));
    compiled.ports().forEach(this::apply);
  }

  private boolean isUnwanted(int number, Compiled.@Nullable Port wanted) {
    return wanted == null || (wanted.certificates() == null) != (open.get(number).tls == null);
  }

  private void apply(int number, Compiled.Port wanted) {
    Chain chain =
        new Chain(
            List.of(new TraceContext(), wanted.match(), new Guards(), new ApplyFilters(), forward),
            observer);
    Open known = open.get(number);
    if (known == null) {
      open(number, chain, wanted.certificates());
      return;
    }
    known.exchanges.replace(chain);
    if (known.tls != null && wanted.certificates() != null) {
      known.tls.replace(wanted.certificates());
    }
  }

  private void open(
      int number,
      Chain chain,
      @Nullable Map<String, io.netty.handler.ssl.SslContext> certificates) {
    Exchanges exchanges = new Exchanges(chain);
    ServerNames tls = certificates == null ? null : new ServerNames(certificates);
    try {
      HttpListener listener =
          HttpListener.open(
              transport,
              workers,
              new InetSocketAddress(config.address(), number),
              config.accept(),
              exchanges,
              tls);
      open.put(number, new Open(listener, exchanges, tls));
      LOG.info("port {} is open, {}", number, tls == null ? "HTTP" : "HTTPS");
    } catch (IOException e) {
      LOG.error("port {} stays closed: {}", number, e.getMessage());
    }
  }

  /** Its requests go on while others are served. */
  private void shut(int number, Open port) {
    LOG.info("port {} is closed", number);
    port.listener.drain();
    Thread.ofVirtual().start(() -> port.listener.close(config.drainDeadline()));
  }

  synchronized SortedMap<Integer, Integer> numbers() {
    SortedMap<Integer, Integer> numbers = new TreeMap<>();
    open.forEach((number, port) -> numbers.put(number, port.listener.address().getPort()));
    return numbers;
  }

  /** Lets all requests end, those of all ports at once. */
  @Override
  public synchronized void close() {
    List<Thread> ends = new ArrayList<>();
    open.values()
        .forEach(
            port ->
                ends.add(
                    Thread.ofVirtual().start(() -> port.listener.close(config.drainDeadline()))));
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
