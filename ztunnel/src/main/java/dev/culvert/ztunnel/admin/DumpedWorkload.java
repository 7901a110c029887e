// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.ztunnel.json.JsonText;
import dev.culvert.ztunnel.xds.ApplicationTunnel;
import dev.culvert.ztunnel.xds.Workload;
import io.netty.util.NetUtil;
import java.util.Locale;

/**
 * One workload, with the names that istioctl reads.
 *
 * @param networks the own one
 */
record DumpedWorkload(DumpedAddresses networks) {

  void write(JsonText json, Workload workload) {
    json.text("uid", workload.uid())
        .texts("workloadIps", workload.addresses().stream().map(NetUtil::toAddressString).toList());
    workload.waypoint().ifPresent(waypoint -> networks.gateway(json, "waypoint", waypoint));
    workload
        .networkGateway()
        .ifPresent(gateway -> networks.gateway(json, "networkGateway", gateway));
    json.text("protocol", workload.hbone() ? "HBONE" : "TCP")
        .text("name", workload.name())
        .text("namespace", workload.namespace())
        .text("trustDomain", workload.trustDomain())
        .text("serviceAccount", workload.serviceAccount());
    attribution(json, workload);
    json.text("network", workload.network())
        .text("hostname", workload.hostname())
        .text("node", workload.node())
        .text("status", workload.healthy() ? "Healthy" : "Unhealthy")
        .text("networkMode", workload.hostNetwork() ? "HostNetwork" : "Standard")
        .number("capacity", workload.capacity());
    workload
        .applicationTunnel()
        .ifPresent(tunnel -> json.object("applicationTunnel", of -> write(of, tunnel)));
    json.texts(
            "authorizationPolicies", workload.policies().stream().map(PolicyKey::toString).toList())
        .texts("services", workload.services().keySet().stream().sorted().toList());
  }

  private static void write(JsonText json, ApplicationTunnel tunnel) {
    json.text("protocol", tunnel.protocol().name());
    tunnel.port().ifPresent(port -> json.number("port", port));
  }

  private static void attribution(JsonText json, Workload workload) {
    Workload.Attribution attribution = workload.attribution();
    json.text("workloadName", attribution.workloadName())
        .text("workloadType", attribution.workloadType().name().toLowerCase(Locale.ROOT))
        .text("canonicalName", attribution.canonicalName())
        .text("canonicalRevision", attribution.canonicalRevision())
        .text("clusterId", attribution.clusterId())
        .object(
            "locality",
            place ->
                place
                    .text("region", attribution.region())
                    .text("zone", attribution.zone())
                    .text("subzone", workload.place().subzone()));
  }
}
