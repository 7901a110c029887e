// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import dev.culvert.ztunnel.identity.CertificateStatus;
import dev.culvert.ztunnel.json.JsonText;
import dev.culvert.ztunnel.telemetry.OpenConnection;
import dev.culvert.ztunnel.xds.MeshStore;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.Workload;
import dev.culvert.ztunnel.zds.PodRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Everything the proxy knows, as JSON in the shape that istioctl reads. No key is in it. */
public final class ConfigDump {
  private final MeshStore mesh;
  private final Supplier<List<CertificateStatus>> certificates;
  private final Supplier<List<PodRegistry.Known>> pods;
  private final Supplier<Collection<OpenConnection>> connections;
  private final Map<String, String> config;
  private final String version;
  private final DumpedWorkload workload;
  private final DumpedService service;

  /**
   * @param network the own network
   * @param config the settings in force, by key
   * @param version of this build
   */
  public ConfigDump(
      MeshStore mesh,
      String network,
      Supplier<List<CertificateStatus>> certificates,
      Supplier<List<PodRegistry.Known>> pods,
      Supplier<Collection<OpenConnection>> connections,
      Map<String, String> config,
      String version) {
    this.mesh = mesh;
    this.certificates = certificates;
    this.pods = pods;
    this.connections = connections;
    this.config = config;
    this.version = version;
    DumpedAddresses networks = new DumpedAddresses(network);
    this.workload = new DumpedWorkload(networks);
    this.service = new DumpedService(mesh, networks);
  }

  /** Writes it as it is made: of a large mesh it is more than a heap should hold beside that. */
  void writeTo(OutputStream out) throws IOException {
    Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
    JsonText.write(
        writer,
        json -> {
          json.objects("workloads", workloads(), workload::write);
          json.objects("services", services(), service::write);
          json.objects("policies", mesh.authorizations(), DumpedPolicy::write);
          json.objects("certificates", certificates.get(), DumpedCertificate::write);
          json.object("config", all -> config.forEach(all::text));
          json.object("version", v -> v.text("version", version));
          json.object("workloadState", this::states);
        });
    writer.flush();
  }

  private List<Workload> workloads() {
    return mesh.workloads().stream().sorted(Comparator.comparing(Workload::uid)).toList();
  }

  private List<Service> services() {
    return mesh.services().stream().sorted(Comparator.comparing(Service::key)).toList();
  }

  private void states(JsonText json) {
    DumpedPods dumped = new DumpedPods(connections.get());
    for (PodRegistry.Known pod : pods.get()) {
      json.object(pod.uid(), state -> dumped.write(state, pod));
    }
  }
}
