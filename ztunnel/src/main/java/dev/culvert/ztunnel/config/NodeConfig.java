// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.config;

import static dev.culvert.policy.settings.Setting.text;

import com.google.protobuf.Struct;
import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import dev.culvert.ztunnel.xds.NodeIdentity;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the proxy says of itself to the control plane.
 *
 * @param xdsHeaders sent with each discovery stream
 * @param caHeaders sent with each certificate request
 */
public record NodeConfig(
    NodeIdentity identity, Map<String, String> xdsHeaders, Map<String, String> caHeaders) {
  private static final Setting<Optional<String>> POD_NAME =
      text("pod-name", "", "The proxy's own pod, for the control plane; ztunnel-NODE unless given.")
          .optional();
  private static final Setting<String> POD_NAMESPACE =
      text("pod-namespace", "culvert-system", "The namespace of the proxy's own pod.");
  private static final Setting<String> INSTANCE_IP =
      text("instance-ip", "127.0.0.1", "The address of the proxy's own pod; istiod logs it.");
  private static final Setting<Map<String, String>> METADATA =
      NamedValues.setting("node-metadata", "What else discovery is told; %2C stands for a comma.");
  private static final Setting<Struct> METADATA_JSON =
      IstioMetadata.setting(
          "node-metadata-json",
          "The same as JSON, for what is more than a text; node-metadata wins.");
  private static final Setting<Map<String, String>> XDS_HEADERS =
      NamedValues.setting("xds-headers", "For a gateway in front of discovery; none is needed.");
  private static final Setting<Map<String, String>> CA_HEADERS =
      NamedValues.setting("ca-headers", "For a gateway in front of the CA; none is needed.");

  static final List<Setting<?>> ALL =
      List.of(
          POD_NAME, POD_NAMESPACE, INSTANCE_IP, METADATA, METADATA_JSON, XDS_HEADERS, CA_HEADERS);

  static NodeConfig from(String node, Settings settings) {
    return new NodeConfig(
        new NodeIdentity(
            node,
            settings.get(POD_NAME).orElse("ztunnel-" + node),
            settings.get(POD_NAMESPACE),
            settings.get(INSTANCE_IP),
            settings.get(METADATA),
            settings.get(METADATA_JSON)),
        settings.get(XDS_HEADERS),
        settings.get(CA_HEADERS));
  }
}
