// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import dev.culvert.controlplane.access.LocalCallers;
import dev.culvert.controlplane.access.NodeTokens;
import dev.culvert.controlplane.access.WaypointTokens;
import dev.culvert.controlplane.ca.CertificateAuthority;
import dev.culvert.controlplane.ca.PluggedIn;
import dev.culvert.controlplane.ca.RootStore;
import dev.culvert.controlplane.source.directory.FolderSource;
import dev.culvert.controlplane.source.directory.LastGoodFiles;
import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.controlplane.state.StateFolder;
import dev.culvert.policy.spiffe.TrustDomain;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** On one machine: a folder of YAML, and root and tokens in the state folder. */
final class LocalGround {
  private LocalGround() {}

  static Ground open(ControlPlaneConfig config, Path source, StateFolder state, Closing closing) {
    CertificateAuthority authority = authority(config, state);
    NodeTokens tokens = new NodeTokens(state);
    WaypointTokens waypoints = new WaypointTokens(state);
    LiveMesh mesh =
        new LiveMesh(
            config.names(),
            pods -> {
              tokens.refresh(pods.nodes());
              waypoints.refresh(pods.waypointPods());
            },
            state,
            _ -> {});
    FolderSource folder =
        closing.first(FolderSource.start(source, LastGoodFiles.open(state), mesh::update));
    LocalCallers callers = new LocalCallers(tokens, waypoints, mesh::pod);
    return new Ground(
        authority,
        callers,
        mesh,
        roots(config, state),
        List.of(mesh::tellNodes),
        folder::trouble,
        Optional.empty());
  }

  private static CertificateAuthority authority(ControlPlaneConfig config, StateFolder state) {
    TrustDomain trustDomain = config.names().trustDomain();
    InstantSource clock = InstantSource.system();
    return switch (config.authority()) {
      case AuthorityChoice.OwnRoot() -> RootStore.open(state, trustDomain, clock);
      case AuthorityChoice.Folder(Path folder) -> PluggedIn.open(folder, trustDomain, clock);
      case AuthorityChoice.Signer(String name, Path _) ->
          throw new ControlPlaneException(
              "ca-signer",
              "%s is a signer of a cluster, and the mesh is read from a folder".formatted(name),
              "set source=kubernetes, or sign with 'ca-certs'");
    };
  }

  private static String roots(ControlPlaneConfig config, StateFolder state) {
    Path file =
        config.authority() instanceof AuthorityChoice.Folder(Path folder)
            ? folder.resolve(PluggedIn.ROOTS)
            : state.file(RootStore.CERTIFICATE);
    return file.toString();
  }
}
