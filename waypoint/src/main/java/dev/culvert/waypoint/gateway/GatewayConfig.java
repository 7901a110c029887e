// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static dev.culvert.policy.settings.Setting.duration;
import static dev.culvert.policy.settings.Setting.integer;
import static dev.culvert.policy.settings.Setting.path;
import static dev.culvert.policy.settings.Setting.text;

import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import dev.culvert.waypoint.accept.AcceptConfig;
import dev.culvert.waypoint.accept.AcceptSettings;
import dev.culvert.waypoint.authorize.ForwardedFor;
import dev.culvert.waypoint.forward.PoolSettings;
import dev.culvert.waypoint.observe.LineTemplate;
import dev.culvert.waypoint.trace.TraceSettings;
import dev.culvert.ztunnel.config.ProxySettings;
import dev.culvert.ztunnel.config.SeriesSettings;
import dev.culvert.ztunnel.telemetry.LogFormat;
import dev.culvert.ztunnel.telemetry.SeriesLimits;
import dev.culvert.ztunnel.transport.TransportChoice;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How a front door runs.
 *
 * @param source the folder of its resources; empty when the control plane tells them
 * @param className the GatewayClass that it serves
 * @param address where its listeners bind
 * @param workers event loops
 * @param statsPort of metrics and readiness; 0 takes any free port
 * @param line how the access log tells of a request; empty for as it always was
 * @param drainDeadline how long requests go on after SIGTERM
 * @param forwardedFor who tells policies where a client is
 * @param series of its metrics
 */
public record GatewayConfig(
    Optional<Path> source,
    String className,
    InetAddress address,
    TransportChoice transport,
    int workers,
    int statsPort,
    LogFormat logFormat,
    Optional<LineTemplate> line,
    Duration drainDeadline,
    AcceptSettings accept,
    PoolSettings pools,
    ForwardedFor forwardedFor,
    SeriesLimits series,
    TraceSettings trace) {

  private static final Setting<Optional<Path>> SOURCE =
      path(
              "source",
              "",
              "The folder of Gateways, HTTPRoutes, Services and EndpointSlices; without it, the"
                  + " control plane at xds-address tells them.")
          .optional();
  private static final Setting<String> CLASS =
      text("gateway-class", "culvert-gateway", "The GatewayClass whose Gateways it serves.");
  private static final Setting<InetAddress> ADDRESS =
      new Setting<>(
          "listen-address",
          "IP address",
          Optional.of("::"),
          false,
          "Where listeners bind; :: is every address, also IPv4.",
          GatewayConfig::address);
  private static final Setting<Integer> WORKERS =
      integer("workers", 0, 0, 1024, "Event loops; 0 takes one for each processor.");
  private static final Setting<Integer> STATS_PORT =
      integer("stats-port", 15020, 0, 65535, "Metrics for Prometheus, and readiness.");
  private static final Setting<Duration> DRAIN_DEADLINE =
      duration("drain-deadline", Duration.ofSeconds(30), "How long requests go on after SIGTERM.");
  private static final Setting<Duration> CONNECT_TIMEOUT =
      duration("connect-timeout", Duration.ofSeconds(5), "To connect an endpoint.");
  private static final Setting<Duration> BACKEND_IDLE =
      duration(
          "backend-idle",
          Duration.ofSeconds(50),
          "How long an unused connection is kept; common servers close theirs after 60s.");

  private static final Setting<Integer> TRUSTED_HOPS =
      integer(
          "trusted-hops",
          0,
          0,
          10,
          "Proxies before this one whose x-forwarded-for is believed, for remoteIpBlocks of policies.");

  private static final List<Setting<?>> OWN =
      List.of(
          SOURCE,
          CLASS,
          ADDRESS,
          ProxySettings.TRANSPORT,
          WORKERS,
          STATS_PORT,
          ProxySettings.LOG_FORMAT,
          LineTemplate.SETTING,
          DRAIN_DEADLINE,
          CONNECT_TIMEOUT,
          BACKEND_IDLE,
          TRUSTED_HOPS);

  private static final List<Setting<?>> ALL =
      Stream.of(OWN, SeriesSettings.ALL, AcceptConfig.ALL, TraceSettings.ALL)
          .flatMap(List::stream)
          .toList();

  /** Every setting, in the order in which help shows them. */
  public static List<Setting<?>> settings() {
    return ALL;
  }

  /** Makes the configuration of settings that were checked one by one. */
  public static GatewayConfig from(Settings settings) {
    PoolSettings pools = PoolSettings.STANDARD;
    return new GatewayConfig(
        settings.get(SOURCE),
        settings.get(CLASS),
        settings.get(ADDRESS),
        settings.get(ProxySettings.TRANSPORT),
        workers(settings.get(WORKERS)),
        settings.get(STATS_PORT),
        settings.get(ProxySettings.LOG_FORMAT),
        settings.get(LineTemplate.SETTING),
        settings.get(DRAIN_DEADLINE),
        AcceptConfig.from(settings),
        new PoolSettings(
            settings.get(CONNECT_TIMEOUT),
            settings.get(BACKEND_IDLE),
            pools.maxConnections(),
            pools.maxWaiting(),
            pools.responseWindow(),
            pools.maxHeadBytes()),
        new ForwardedFor(settings.get(TRUSTED_HOPS)),
        SeriesSettings.from(settings),
        TraceSettings.from(settings));
  }

  private static int workers(int set) {
    return set > 0 ? set : Runtime.getRuntime().availableProcessors();
  }

  private static InetAddress address(String text) {
    byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
    if (bytes == null) {
      throw new IllegalArgumentException("write an IPv4 or IPv6 address");
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (java.net.UnknownHostException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
