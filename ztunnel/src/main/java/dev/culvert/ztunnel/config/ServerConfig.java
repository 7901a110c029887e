// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.config;

import static dev.culvert.policy.settings.Setting.path;
import static dev.culvert.policy.settings.Setting.text;

import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import dev.culvert.ztunnel.controlplane.ServerTrust;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the servers of the control plane have to prove.
 *
 * @param xds that of discovery
 * @param ca that of the CA
 */
public record ServerConfig(ServerTrust xds, ServerTrust ca) {
  private static final Setting<Path> ROOT_CERT =
      path(
          "root-cert",
          "/var/run/secrets/istio/root-cert.pem",
          "PEM file with the roots to trust for the control plane; may change. SYSTEM for those that"
              + " the JDK brings.");
  private static final Setting<Optional<Path>> CA_ROOT_CERT =
      path("ca-root-cert", "", "The same for the CA; as root-cert unless given.").optional();
  private static final Setting<Optional<String>> XDS_SERVER_NAME =
      text("xds-server-name", "", "The name in discovery's certificate, if not its address.")
          .optional();
  private static final Setting<Optional<String>> CA_SERVER_NAME =
      text("ca-server-name", "", "The name in the CA's certificate, if not its address.")
          .optional();

  static final List<Setting<?>> ALL =
      List.of(ROOT_CERT, CA_ROOT_CERT, XDS_SERVER_NAME, CA_SERVER_NAME);

  static ServerConfig from(Settings settings) {
    Path root = settings.get(ROOT_CERT);
    return new ServerConfig(
        new ServerTrust(root, settings.get(XDS_SERVER_NAME)),
        new ServerTrust(settings.get(CA_ROOT_CERT).orElse(root), settings.get(CA_SERVER_NAME)));
  }
}
