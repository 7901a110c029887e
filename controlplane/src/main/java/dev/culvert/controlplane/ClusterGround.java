// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import dev.culvert.controlplane.access.TokenReviews;
import dev.culvert.controlplane.admission.Admission;
import dev.culvert.controlplane.admission.WebhookTrust;
import dev.culvert.controlplane.ca.CertificateAuthority;
import dev.culvert.controlplane.ca.ClusterSigner;
import dev.culvert.controlplane.ca.ExpiryWarning;
import dev.culvert.controlplane.ca.PluggedIn;
import dev.culvert.controlplane.ca.RootRotation;
import dev.culvert.controlplane.ca.SecretRoot;
import dev.culvert.controlplane.ca.TrustBundle;
import dev.culvert.controlplane.nodes.NodeTaints;
import dev.culvert.controlplane.provision.Provisioning;
import dev.culvert.controlplane.report.Events;
import dev.culvert.controlplane.report.StatusReporter;
import dev.culvert.controlplane.source.ResourceChanges;
import dev.culvert.controlplane.source.kubernetes.KubernetesSource;
import dev.culvert.controlplane.source.kubernetes.Leadership;
import dev.culvert.controlplane.source.kubernetes.Sightings;
import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.controlplane.state.StateFolder;
import dev.culvert.controlplane.status.StatusWriter;
import dev.culvert.controlplane.status.WritePace;
import dev.culvert.policy.spiffe.TrustDomain;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** In a cluster: its API server has the mesh and the root, and says who calls. */
final class ClusterGround {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterGround.class);
  private static final String LEASE = "culvert-controlplane";

  private final ControlPlaneConfig config;
  private final KubernetesClient client;
  private final Closing closing;
  private final String replica = replica();
  private final Events events;

  private ClusterGround(ControlPlaneConfig config, KubernetesClient client, Closing closing) {
    this.config = config;
    this.client = client;
    this.closing = closing;
    this.events = new Events(client, replica, InstantSource.system());
  }

  /** Waits for the API server as long as that takes. */
  static Ground open(
      ControlPlaneConfig config, KubernetesClient client, StateFolder state, Closing closing) {
    LOG.info("reads the mesh from {}", client.getMasterUrl());
    try {
      return new ClusterGround(config, closing.first(client), closing).open(state);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ControlPlaneException(
          client.getMasterUrl(), "has not been read yet", "this was stopped before");
    }
  }

  private StatusReporter reporter(Leadership leadership) {
    InstantSource clock = InstantSource.system();
    return closing.first(
        StatusReporter.start(
            new StatusWriter(client, leadership::isLeading, WritePace.STANDARD, clock),
            events,
            leadership::isLeading,
            StatusReporter.Pace.STANDARD,
            clock));
  }

  private Ground open(StateFolder state) throws InterruptedException {
    Leadership leadership =
        closing.first(
            Leadership.seek(client, config.namespace(), LEASE, replica, Leadership.Terms.STANDARD));
    CertificateAuthority authority = authority(leadership);
    StatusReporter reporter = reporter(leadership);
    LiveMesh mesh = new LiveMesh(config.names(), _ -> {}, state, reporter::update);
    List<Runnable> chores = chores(authority, leadership);
    Optional<NodeTaints> taints = config.nodeTaint().map(key -> taints(key, leadership));
    taints.ifPresent(chores::add);
    KubernetesSource source =
        closing.first(
            KubernetesSource.start(
                client,
                KubernetesSource.Pace.STANDARD,
                config.names().rootNamespaces(),
                listener(mesh, authority, leadership),
                taints
                    .<Sightings>map(each -> each.and(reporter.sightings()))
                    .orElseGet(reporter::sightings)));
    return new Ground(
        authority,
        new TokenReviews(client, config.tokenAudiences(), config.nodeAccounts(), mesh::pod),
        mesh,
        "ConfigMap %s/%s".formatted(config.namespace(), TrustBundle.CONFIG_MAP),
        chores,
        source::trouble,
        Optional.of(new Admission(mesh::preview, reporter::preview)));
  }

  private NodeTaints taints(String key, Leadership leadership) {
    return closing.first(new NodeTaints(client, key, config.namespace(), leadership::isLeading));
  }

  private List<Runnable> chores(CertificateAuthority authority, Leadership leadership) {
    List<Runnable> chores = new ArrayList<>();
    chores.add(new TrustBundle(client, config.namespace(), authority, leadership::isLeading));
    chores.add(
        new ExpiryWarning(
            authority,
            config.certificateTtl(),
            InstantSource.system(),
            leadership::isLeading,
            this::tellOfExpiry));
    if (config.webhook().isPresent()) {
      chores.add(
          new WebhookTrust(
              client,
              config.webhookConfiguration(),
              () -> TrustBundle.text(authority),
              leadership::isLeading));
    }
    if (config.authority() instanceof AuthorityChoice.OwnRoot) {
      chores.add(rotation(leadership));
    }
    return chores;
  }

  private void tellOfExpiry(String text) {
    LOG.warn("{}", text);
    ObjectReference roots =
        new ObjectReferenceBuilder()
            .withApiVersion("v1")
            .withKind("ConfigMap")
            .withNamespace(config.namespace())
            .withName(TrustBundle.CONFIG_MAP)
            .build();
    events.warn(roots, "CertificateEnds", "Sign", text);
  }

  private Runnable rotation(Leadership leadership) {
    return RootRotation.of(
        client,
        config.namespace(),
        config.names().trustDomain(),
        config.certificateTtl(),
        InstantSource.system(),
        leadership::isLeading);
  }

  private Consumer<ResourceChanges> listener(
      LiveMesh mesh, CertificateAuthority authority, Leadership leadership) {
    if (!config.waypoints().wanted()) {
      LOG.info("makes no waypoints: setting waypoint-image is empty");
      return mesh::update;
    }
    Provisioning provisioning =
        closing.first(
            Provisioning.start(
                client,
                config.waypoints(),
                config.names(),
                config.namespace(),
                config.tokenAudiences().getFirst(),
                leadership::isLeading,
                () -> TrustBundle.text(authority),
                Provisioning.STANDARD_PACE));
    Consumer<ResourceChanges> served = mesh::update;
    return served.andThen(provisioning::update);
  }

  private CertificateAuthority authority(Leadership leadership) throws InterruptedException {
    TrustDomain trustDomain = config.names().trustDomain();
    InstantSource clock = InstantSource.system();
    return switch (config.authority()) {
      case AuthorityChoice.OwnRoot() ->
          SecretRoot.open(client, config.namespace(), trustDomain, clock, leadership::isLeading);
      case AuthorityChoice.Folder(Path folder) -> PluggedIn.open(folder, trustDomain, clock);
      case AuthorityChoice.Signer(String name, Path roots) ->
          ClusterSigner.open(client, name, roots, trustDomain, clock);
    };
  }

  /** The name of the pod is its host name; outside of a pod, two may share a host. */
  private static String replica() {
    try {
      return InetAddress.getLocalHost().getHostName() + "-" + UUID.randomUUID();
    } catch (UnknownHostException e) {
      return UUID.randomUUID().toString();
    }
  }
}
