// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.wire.security.Authorization;
import dev.culvert.ztunnel.identity.CertificateStatus;
import dev.culvert.ztunnel.json.JsonText;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.OpenConnection;
import dev.culvert.ztunnel.xds.MeshStore;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.ServicePort;
import dev.culvert.ztunnel.xds.WaypointAddress;
import dev.culvert.ztunnel.xds.Workload;
import dev.culvert.ztunnel.zds.PodRegistry;
import io.netty.util.NetUtil;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** Everything the proxy knows, as JSON with the names that istioctl reads. No key is in it. */
public final class ConfigDump {
  private static final Base64.Encoder PEM_BODY =
      Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

  private final MeshStore mesh;
  private final Supplier<List<CertificateStatus>> certificates;
  private final PodRegistry pods;
  private final Supplier<Collection<OpenConnection>> connections;
  private final Map<String, String> config;
  private final String version;

  /**
   * @param config the settings in force, by key
   * @param version of this build
   */
  public ConfigDump(
      MeshStore mesh,
      Supplier<List<CertificateStatus>> certificates,
      PodRegistry pods,
      Supplier<Collection<OpenConnection>> connections,
      Map<String, String> config,
      String version) {
    this.mesh = mesh;
    this.certificates = certificates;
    this.pods = pods;
    this.connections = connections;
    this.config = config;
    this.version = version;
  }

  String json() {
    return JsonText.object(
        json -> {
          json.objects("workloads", sorted(mesh.workloads(), Workload::uid), this::workload);
          json.objects("services", sorted(mesh.services(), Service::key), this::service);
          json.raws("policies", mesh.authorizations().stream().map(ConfigDump::policy).toList());
          json.objects("certificates", certificates.get(), ConfigDump::certificate);
          json.object("config", all -> config.forEach(all::text));
          json.object("version", v -> v.text("version", version));
          json.object("workloadState", this::states);
        });
  }

  private void workload(JsonText json, Workload workload) {
    json.text("uid", workload.uid())
        .text("name", workload.name())
        .text("namespace", workload.namespace())
        .texts("workloadIps", workload.addresses().stream().map(NetUtil::toAddressString).toList())
        .text("protocol", workload.hbone() ? "HBONE" : "TCP")
        .text("trustDomain", workload.trustDomain())
        .text("serviceAccount", workload.serviceAccount())
        .text("network", workload.network())
        .text("node", workload.node())
        .text("status", workload.healthy() ? "Healthy" : "Unhealthy")
        .text("networkMode", workload.hostNetwork() ? "HostNetwork" : "Standard")
        .number("capacity", workload.capacity())
        .texts(
            "authorizationPolicies", workload.policies().stream().map(PolicyKey::toString).toList())
        .texts("services", workload.services().keySet().stream().sorted().toList());
    attribution(json, workload.attribution());
    workload.waypoint().ifPresent(waypoint -> waypoint(json, waypoint));
  }

  private static void attribution(JsonText json, Workload.Attribution attribution) {
    json.text("canonicalName", attribution.canonicalName())
        .text("canonicalRevision", attribution.canonicalRevision())
        .text("workloadName", attribution.workloadName())
        .text("workloadType", attribution.workloadType().name().toLowerCase(Locale.ROOT))
        .text("clusterId", attribution.clusterId())
        .object(
            "locality",
            place -> place.text("region", attribution.region()).text("zone", attribution.zone()));
  }

  private void service(JsonText json, Service service) {
    json.text("name", service.name())
        .text("namespace", service.namespace())
        .text("hostname", service.hostname())
        .texts("vips", service.vips().stream().map(ConfigDump::vip).toList())
        .object(
            "ports",
            ports -> {
              for (ServicePort port : service.ports()) {
                ports.number(Integer.toString(port.servicePort()), port.targetPort());
              }
            })
        .texts("subjectAltNames", service.subjectAltNames())
        .texts("endpoints", mesh.endpoints(service).stream().map(Workload::uid).sorted().toList());
    service.waypoint().ifPresent(waypoint -> waypoint(json, waypoint));
  }

  private static String vip(Service.Vip vip) {
    String address = NetUtil.toAddressString(vip.address());
    boolean single = vip.prefixLength() == vip.address().getAddress().length * Byte.SIZE;
    return single ? address : address + "/" + vip.prefixLength();
  }

  private static void waypoint(JsonText json, WaypointAddress waypoint) {
    json.object(
        "waypoint",
        w -> {
          switch (waypoint) {
            case WaypointAddress.ByService service ->
                w.text("destination", service.namespace() + "/" + service.hostname());
            case WaypointAddress.ByIp ip ->
                w.text("destination", NetUtil.toAddressString(ip.address()));
          }
          w.number("hboneMtlsPort", waypoint.port());
        });
  }

  private static String policy(Authorization wire) {
    try {
      return JsonFormat.printer().omittingInsignificantWhitespace().print(wire);
    } catch (InvalidProtocolBufferException e) {
      return JsonText.object(json -> json.text("error", e.getMessage()));
    }
  }

  private static void certificate(JsonText json, CertificateStatus status) {
    json.text("identity", status.id().toString())
        .text("state", status.state())
        .objects("certChain", status.chain(), ConfigDump::x509)
        .objects("rootCerts", status.roots(), ConfigDump::x509);
  }

  private static void x509(JsonText json, X509Certificate certificate) {
    json.text("pem", Base64.getEncoder().encodeToString(pem(certificate)))
        .text("serialNumber", certificate.getSerialNumber().toString())
        .text("validFrom", certificate.getNotBefore().toInstant().toString())
        .text("expirationTime", certificate.getNotAfter().toInstant().toString());
  }

  private static byte[] pem(X509Certificate certificate) {
    try {
      String body = PEM_BODY.encodeToString(certificate.getEncoded());
      return "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
          .formatted(body)
          .getBytes(StandardCharsets.US_ASCII);
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was parsed cannot be written", e);
    }
  }

  private void states(JsonText json) {
    Collection<OpenConnection> open = connections.get();
    for (PodRegistry.Known pod : pods.known()) {
      json.object(
          pod.uid(),
          state -> {
            state.text("state", pod.up() ? "Up" : "Pending");
            state.object(
                "info",
                info ->
                    info.text("name", pod.name())
                        .text("namespace", pod.namespace())
                        .text("serviceAccount", pod.serviceAccount()));
            state.object("connections", all -> connections(all, open, pod));
          });
    }
  }

  private static void connections(
      JsonText json, Collection<OpenConnection> open, PodRegistry.Known pod) {
    List<OpenConnection> inbound =
        open.stream().filter(one -> isOf(pod, one.info(), Direction.INBOUND)).toList();
    List<OpenConnection> outbound =
        open.stream().filter(one -> isOf(pod, one.info(), Direction.OUTBOUND)).toList();
    json.objects("inbound", inbound, ConfigDump::connection);
    json.objects("outbound", outbound, ConfigDump::connection);
  }

  private static boolean isOf(PodRegistry.Known pod, ConnectionInfo info, Direction direction) {
    var own = direction == Direction.INBOUND ? info.destinationWorkload() : info.sourceWorkload();
    return info.direction() == direction
        && own.filter(w -> w.namespace().equals(pod.namespace()) && w.name().equals(pod.name()))
            .isPresent();
  }

  private static void connection(JsonText json, OpenConnection one) {
    ConnectionInfo info = one.info();
    json.text("src", NetUtil.toSocketAddressString(info.source()))
        .text("dst", NetUtil.toSocketAddressString(info.destination()))
        .text("protocol", info.security().name());
  }

  private static <T> List<T> sorted(Collection<T> all, java.util.function.Function<T, String> key) {
    return all.stream().sorted(Comparator.comparing(key)).toList();
  }
}
