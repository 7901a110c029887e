// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import static dev.culvert.policy.settings.Setting.choice;
import static dev.culvert.policy.settings.Setting.duration;
import static dev.culvert.policy.settings.Setting.integer;
import static dev.culvert.policy.settings.Setting.path;
import static dev.culvert.policy.settings.Setting.text;

import dev.culvert.policy.mesh.WaypointName;
import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import dev.culvert.waypoint.accept.AcceptConfig;
import dev.culvert.waypoint.accept.AcceptSettings;
import dev.culvert.waypoint.forward.ClientCert;
import dev.culvert.waypoint.forward.PoolSettings;
import dev.culvert.waypoint.observe.LineTemplate;
import dev.culvert.waypoint.trace.TraceSettings;
import dev.culvert.ztunnel.config.ProxySettings;
import dev.culvert.ztunnel.config.SeriesSettings;
import dev.culvert.ztunnel.controlplane.Endpoint;
import dev.culvert.ztunnel.telemetry.LogFormat;
import dev.culvert.ztunnel.telemetry.SeriesLimits;
import dev.culvert.ztunnel.transport.TransportChoice;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How a waypoint runs.
 *
 * @param className of its Gateway
 * @param source the folder of routes and policies; empty for those of the control plane
 * @param port where it takes tunnels
 * @param workers event loops
 * @param line how the access log tells of a request; empty for as it always was
 * @param drainDeadline how long requests and connections go on after SIGTERM
 * @param series of its metrics
 */
public record WaypointConfig(
    MemberConfig member,
    String className,
    Optional<Path> source,
    TransportChoice transport,
    int port,
    int workers,
    int statsPort,
    int readyPort,
    LogFormat logFormat,
    Optional<LineTemplate> line,
    Duration drainDeadline,
    AcceptSettings accept,
    PoolSettings pools,
    SeriesLimits series,
    TraceSettings trace,
    ClientCert.Mode clientCert) {

  private static final Setting<WaypointName> WAYPOINT =
      MemberConfig.gateway("waypoint", "The Gateway that this is an instance of.");
  private static final Setting<String> CLASS =
      text("gateway-class", "culvert-waypoint", "The GatewayClass of that Gateway.");
  private static final Setting<String> NODE =
      text("node", "", "This node, as its pod names it in spec.nodeName.").withoutDefault();
  private static final Setting<String> POD =
      text("pod-name", "", "The waypoint's own pod, of the Gateway's namespace.").withoutDefault();
  private static final Setting<Optional<Path>> SOURCE =
      path(
              "source",
              "",
              "A folder of routes and policies, instead of those that the control plane tells.")
          .optional();
  private static final Setting<ClientCert.Mode> CLIENT_CERT =
      choice(
          "forward-client-cert",
          ClientCert.Mode.NEVER,
          "Whether apps are told who the client is by x-forwarded-client-cert; append keeps what a"
              + " proxy of the mesh told.");
  private static final Setting<Endpoint> XDS_ADDRESS =
      ProxySettings.endpoint("xds-address", "Where the control plane serves discovery.");
  private static final Setting<Integer> PORT =
      integer("port", 15008, 0, 65535, "Where it takes tunnels, on every address.");
  private static final Setting<Integer> WORKERS =
      integer("workers", 0, 0, 1024, "Event loops; 0 takes one for each processor.");
  private static final Setting<Integer> STATS_PORT =
      integer("stats-port", 15020, 0, 65535, "Metrics for Prometheus, and readiness.");
  private static final Setting<Duration> DRAIN_DEADLINE =
      duration(
          "drain-deadline",
          Duration.ofSeconds(25),
          "How long requests go on after SIGTERM; below the 30s that a pod has by default.");
  private static final Setting<Duration> BACKEND_IDLE =
      duration(
          "backend-idle",
          Duration.ofSeconds(50),
          "How long an unused connection is kept; common servers close theirs after 60s.");

  private static final List<Setting<?>> OWN =
      List.of(
          WAYPOINT,
          CLASS,
          NODE,
          POD,
          SOURCE,
          XDS_ADDRESS,
          ProxySettings.TRANSPORT,
          PORT,
          WORKERS,
          STATS_PORT,
          ProxySettings.READY_PORT,
          ProxySettings.LOG_FORMAT,
          LineTemplate.SETTING,
          DRAIN_DEADLINE,
          BACKEND_IDLE,
          CLIENT_CERT);

  private static final List<Setting<?>> ALL =
      Stream.of(OWN, SeriesSettings.ALL, AcceptConfig.ALL, TraceSettings.ALL, MemberConfig.ALL)
          .flatMap(List::stream)
          .toList();

  /** Every setting, in the order in which help shows them. */
  public static List<Setting<?>> settings() {
    return ALL;
  }

  /** Makes the configuration of settings that were checked one by one. */
  public static WaypointConfig from(Settings settings) {
    MemberConfig member =
        MemberConfig.from(
            settings,
            settings.get(WAYPOINT),
            settings.get(NODE),
            settings.get(POD),
            settings.get(XDS_ADDRESS));
    PoolSettings pools = PoolSettings.STANDARD;
    return new WaypointConfig(
        member,
        settings.get(CLASS),
        settings.get(SOURCE),
        settings.get(ProxySettings.TRANSPORT),
        settings.get(PORT),
        workers(settings.get(WORKERS)),
        settings.get(STATS_PORT),
        settings.get(ProxySettings.READY_PORT),
        settings.get(ProxySettings.LOG_FORMAT),
        settings.get(LineTemplate.SETTING),
        settings.get(DRAIN_DEADLINE),
        AcceptConfig.from(settings),
        new PoolSettings(
            member.tunnels().connectTimeout(),
            settings.get(BACKEND_IDLE),
            pools.maxConnections(),
            pools.maxWaiting(),
            pools.responseWindow(),
            pools.maxHeadBytes()),
        SeriesSettings.from(settings),
        TraceSettings.from(settings),
        settings.get(CLIENT_CERT));
  }

  private static int workers(int set) {
    return set > 0 ? set : Runtime.getRuntime().availableProcessors();
  }
}
