// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.config;

import static dev.culvert.policy.settings.FixedVariable.Otherwise.IGNORED;
import static dev.culvert.policy.settings.FixedVariable.Otherwise.REFUSED;
import static dev.culvert.policy.settings.FixedVariable.Otherwise.TOLD;

import dev.culvert.policy.settings.FixedVariable;
import java.util.List;

/** What Istio's ztunnel lets its environment choose, and this one does not. */
final class IstioFixed {
  static final List<FixedVariable> ALL =
      List.of(
          new FixedVariable(
              "PROXY_MODE",
              List.of("shared"),
              REFUSED,
              "one proxy serves all pods of a node; unset it"),
          new FixedVariable(
              "ENABLE_PROXY",
              List.of("true"),
              REFUSED,
              "it is nothing without its proxy; to leave out DNS set ISTIO_META_DNS_CAPTURE=false"),
          new FixedVariable(
              "FAKE_CA",
              List.of("false"),
              REFUSED,
              "certificates come from a CA that asks who wants them; set CA_ADDRESS"),
          new FixedVariable(
              "LOCAL_XDS_PATH",
              List.of(),
              REFUSED,
              "a folder of Kubernetes YAML is served by 'culvert controlplane --source DIR'"),
          new FixedVariable(
              "LOCAL_XDS",
              List.of(),
              REFUSED,
              "a folder of Kubernetes YAML is served by 'culvert controlplane --source DIR'"),
          new FixedVariable(
              "PROXY_CONFIG",
              List.of("{}"),
              REFUSED,
              "write discoveryAddress as XDS_ADDRESS, concurrency as ZTUNNEL_WORKER_THREADS, proxyMetadata"
                  + " as ISTIO_META_*, ports as CULVERT_ADMIN_PORT and CULVERT_STATS_PORT"),
          new FixedVariable(
              "PACKET_MARK",
              List.of("1337", "0x539"),
              REFUSED,
              "redirect programs and rules know the proxy by the mark 1337"),
          new FixedVariable(
              "TRANSPARENT_NETWORK_POLICIES",
              List.of("false"),
              REFUSED,
              "tunnels go to port 15008; network policies have to let it in"),
          new FixedVariable(
              "UNSTABLE_ENABLE_SOCKS5",
              List.of("false"),
              REFUSED,
              "there is no SOCKS5 on port 15080"),
          new FixedVariable(
              "TLS12_ENABLED",
              List.of("false"),
              TOLD,
              "TLS 1.3 only; peers that have no more than 1.2 are refused"),
          new FixedVariable(
              "ENABLE_ORIG_SRC",
              List.of("true"),
              TOLD,
              "apps see the addresses of their clients wherever that can be done"),
          new FixedVariable(
              "INPOD_PORT_REUSE",
              List.of("true"),
              TOLD,
              "an old and a new proxy always share their ports; an upgrade needs it"),
          new FixedVariable(
              "ENABLE_RESPONSE_BAGGAGE",
              List.of("true"),
              TOLD,
              "answers to a CONNECT always tell the workload"),
          new FixedVariable(
              "LOCALHOST_APP_TUNNEL",
              List.of("true"),
              TOLD,
              "apps that take the PROXY protocol are called on their pod's loopback"),
          new FixedVariable(
              "ISTIO_META_DNS_PROXY_ADDR",
              List.of("localhost:15053", "127.0.0.1:15053"),
              TOLD,
              "DNS is answered on port 15053 of the pod's loopback"),
          new FixedVariable(
              "USER_TIMEOUT_ENABLED",
              List.of("false"),
              TOLD,
              "a peer of a tunnel that does not answer is found by HTTP/2 PING within 30 s"),
          new FixedVariable(
              "AUTHZ_POLICY_INFO_LOGGING",
              List.of(),
              IGNORED,
              "the access log always has the policy that decided, and dry_run"),
          new FixedVariable(
              "SERVICE_ACCOUNT", List.of(), IGNORED, "the token says whose the proxy is"),
          new FixedVariable(
              "PROXY_WORKLOAD_INFO", List.of(), IGNORED, "only for PROXY_MODE=dedicated"),
          new FixedVariable(
              "KUBERNETES_SERVICE_HOST",
              List.of(),
              IGNORED,
              "XDS_ADDRESS has no default; Istio's chart sets it"),
          new FixedVariable(
              "RUST_BACKTRACE", List.of(), IGNORED, "stack traces are in the log of level debug"));

  private IstioFixed() {}
}
