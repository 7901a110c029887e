// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import static dev.culvert.policy.settings.Setting.text;

import dev.culvert.policy.mesh.WaypointName;
import dev.culvert.policy.settings.InvalidSettingException;
import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import dev.culvert.waypoint.gateway.GatewayConfig;
import dev.culvert.ztunnel.config.ProxySettings;
import dev.culvert.ztunnel.controlplane.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a front door runs, alone or in the mesh.
 *
 * @param door its listeners
 * @param member its part in the mesh; empty when it has its resources of a folder
 */
public record MeshGatewayConfig(GatewayConfig door, Optional<MemberConfig> member) {
  private static final Setting<Optional<Endpoint>> XDS_ADDRESS =
      ProxySettings.endpoint(
              "xds-address",
              "Where the control plane serves discovery: it tells Gateway, routes, policies and"
                  + " certificates, instead of a folder.")
          .optional();
  private static final Setting<Optional<WaypointName>> GATEWAY =
      MemberConfig.gateway("gateway", "With xds-address: the Gateway that this is an instance of.")
          .optional();
  private static final Setting<Optional<String>> NODE =
      text("node", "", "With xds-address: this node, as its pod names it in spec.nodeName.")
          .optional();
  private static final Setting<Optional<String>> POD =
      text("pod-name", "", "With xds-address: its own pod, of the Gateway's namespace.").optional();

  private static final List<Setting<?>> ALL = all();

  /** A key that the front door has itself means the same for both. */
  private static List<Setting<?>> all() {
    List<Setting<?>> all = new ArrayList<>(GatewayConfig.settings());
    all.addAll(List.of(XDS_ADDRESS, GATEWAY, NODE, POD));
    Set<String> known = all.stream().map(Setting::key).collect(Collectors.toSet());
    MemberConfig.ALL.stream().filter(one -> !known.contains(one.key())).forEach(all::add);
    return List.copyOf(all);
  }

  /** Every setting, in the order in which help shows them. */
  public static List<Setting<?>> settings() {
    return ALL;
  }

  /**
   * Makes the configuration of settings that were checked one by one.
   *
   * @throws InvalidSettingException when they name neither a folder nor a control plane, or both
   */
  public static MeshGatewayConfig from(Settings settings) {
    GatewayConfig door = GatewayConfig.from(settings);
    Optional<Endpoint> controlPlane = settings.get(XDS_ADDRESS);
    if (door.source().isPresent() == controlPlane.isPresent()) {
      throw new InvalidSettingException(
          "source",
          door.source().isPresent()
              ? "and xds-address are both given; leave one of them out"
              : "is required unless xds-address names a control plane (--config DIR is the same)");
    }
    return new MeshGatewayConfig(
        door,
        controlPlane.map(
            address ->
                MemberConfig.from(
                    settings,
                    required(settings, GATEWAY),
                    required(settings, NODE),
                    required(settings, POD),
                    address)));
  }

  private static <T> T required(Settings settings, Setting<Optional<T>> setting) {
    return settings
        .get(setting)
        .orElseThrow(
            () -> new InvalidSettingException(setting.key(), "is required with xds-address"));
  }
}
