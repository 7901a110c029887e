// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import dev.culvert.controlplane.model.MeshNames;
import dev.culvert.controlplane.provision.WaypointDefaults;
import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a control plane runs.
 *
 * @param source what describes the mesh
 * @param state where root, tokens and status are kept
 * @param listen where proxies connect; port 0 takes a free one
 * @param stats where metrics are scraped, if anywhere; port 0 takes a free one
 * @param servingNames further names in the serving certificate
 * @param authority who signs
 * @param certificateTtl how long certificates live
 * @param drain how long {@link ControlPlane#close} waits for open calls
 * @param namespace where, in a cluster, the control plane keeps what is its own
 * @param nodeAccounts whose tokens, in a cluster, speak for a node; as {@code NAMESPACE/NAME}
 * @param tokenAudiences what these tokens are for
 * @param waypoints what, in a cluster, waypoints are made of
 * @param nodeTaint the key of the taint that is taken from nodes on which the mesh is ready
 * @param webhook where, in a cluster, the API server asks about objects; port 0 takes a free one
 * @param webhookConfiguration whose certificate authority the leader keeps
 */
public record ControlPlaneConfig(
    MeshSource source,
    Path state,
    InetSocketAddress listen,
    Optional<InetSocketAddress> stats,
    List<String> servingNames,
    MeshNames names,
    AuthorityChoice authority,
    Duration certificateTtl,
    Duration drain,
    String namespace,
    List<String> nodeAccounts,
    List<String> tokenAudiences,
    WaypointDefaults waypoints,
    Optional<String> nodeTaint,
    Optional<InetSocketAddress> webhook,
    String webhookConfiguration) {
  public ControlPlaneConfig {
    servingNames = List.copyOf(servingNames);
    nodeAccounts = List.copyOf(nodeAccounts);
    tokenAudiences = List.copyOf(tokenAudiences);
  }

  /** All settings of this process. */
  public static List<Setting<?>> settings() {
    return ControlPlaneSettings.all();
  }

  /** The configuration that the settings say. */
  public static ControlPlaneConfig from(Settings settings) {
    return ControlPlaneSettings.read(settings);
  }
}
