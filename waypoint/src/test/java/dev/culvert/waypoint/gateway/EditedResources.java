// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.waypoint.peers.SelfSigned;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A folder that is edited at random: each file is one of a few, or is not there. */
final class EditedResources {
  private static final List<String> MATCHES =
      List.of(
          "{path: {value: /a}}",
          "{path: {type: Exact, value: /a/b}}, {method: POST}",
          "{path: {type: RegularExpression, value: '/x[0-9]+'}}",
          "{headers: [{name: x-v, value: '1'}], queryParams: [{name: q, value: z}]}");

  private static final List<String> BACKENDS =
      List.of(
          "{name: s0, port: 80}",
          "{name: s1, port: 80, weight: 3}, {name: s0, port: 80}",
          "{name: s2, port: 80}",
          "{name: s3, port: 80}, {name: nobody, port: 80}",
          "{name: s0, namespace: other, port: 80}");

  private static final List<String> FILTERS =
      List.of(
          "",
          "filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x, value: y}]}}], ",
          "filters: [{type: RequestMirror, requestMirror: {backendRef: {name: s1, port: 80}}}], ",
          "timeouts: {request: 3s}, ");

  private final Map<String, List<String>> variants = new HashMap<>();
  private final Map<String, String> now = new HashMap<>();
  private final List<String> names;
  private final Random random;

  EditedResources(Random random) {
    this.random = random;
    for (int i = 0; i < 6; i++) {
      routes("r" + i);
    }
    for (int i = 0; i < 4; i++) {
      services("s" + i, "shop");
    }
    services("s0", "other");
    gateways();
    secrets();
    policies();
    streams();
    names = variants.keySet().stream().sorted().toList();
    names.forEach(this::write);
  }

  /** Makes an edit, and returns the folder then. */
  Map<String, String> edit() {
    write(names.get(random.nextInt(names.size())));
    return Map.copyOf(now);
  }

  private void write(String name) {
    List<String> all = variants.get(name);
    int chosen = random.nextInt(all.size() + 1);
    if (chosen == all.size()) {
      now.remove(name);
    } else {
      now.put(name, all.get(chosen));
    }
  }

  private void add(String file, String... texts) {
    variants.computeIfAbsent(file + ".yaml", _ -> new ArrayList<>()).addAll(List.of(texts));
  }

  private static String resource(
      String api, String kind, String namespace, String name, String spec) {
    return """
    apiVersion: %s
    kind: %s
    metadata: {name: %s, namespace: %s}
    %s
    """
        .formatted(api, kind, name, namespace, spec);
  }

  private static String gatewayApi(String kind, String name, String spec) {
    return resource(
        "gateway.networking.k8s.io/v1", kind, "shop", name, "spec: {%s}".formatted(spec));
  }

  private <T> T any(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private void routes(String name) {
    for (String parent : List.of("{name: door}", "{name: door, sectionName: a}, {name: side}")) {
      for (int i = 0; i < 3; i++) {
        String rule =
            "{%smatches: [%s], backendRefs: [%s]}"
                .formatted(any(FILTERS), any(MATCHES), any(BACKENDS));
        add(
            name,
            gatewayApi(
                "HTTPRoute",
                name,
                "parentRefs: [%s], hostnames: [%s], rules: [%s, {backendRefs: [%s]}]"
                    .formatted(
                        parent,
                        any(List.of("a.example.com", "'*.example.com'", "b.org")),
                        rule,
                        any(BACKENDS))));
      }
    }
  }

  private void services(String name, String namespace) {
    String service = "spec: {ports: [{port: 80%s}], selector: {app: %s}}";
    add(
        namespace + "-" + name,
        resource("v1", "Service", namespace, name, service.formatted("", name)),
        resource(
            "v1",
            "Service",
            namespace,
            name,
            service.formatted(", appProtocol: kubernetes.io/h2c", name)));
    String slice =
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: %1$s, namespace: %2$s, labels: {kubernetes.io/service-name: %1$s}}
        addressType: IPv4
        endpoints: [%3$s]
        ports: [{port: 8080}]
        """;
    add(
        namespace + "-" + name + "-slice",
        slice.formatted(name, namespace, "{addresses: [198.18.0.1]}"),
        slice.formatted(name, namespace, "{addresses: [198.18.0.1]}, {addresses: [198.18.0.2]}"));
  }

  private void gateways() {
    String listeners =
        """
        gatewayClassName: culvert-gateway, listeners: [
        {name: a, port: 8001, protocol: HTTP, hostname: '*.example.com'%s},
        {name: b, port: 8001, protocol: HTTP},
        {name: s, port: 8002, protocol: HTTPS, tls: {certificateRefs: [{name: cert}]}},
        {name: p, port: 8003, protocol: TLS, tls: {mode: Passthrough}},
        {name: e, port: 8003, protocol: TLS, hostname: e.example.com, tls: {certificateRefs: [{name: cert}]}},
        {name: t, port: 8004, protocol: TCP}]""";
    add("door", gatewayApi("Gateway", "door", listeners.formatted("")));
    add(
        "door",
        gatewayApi(
            "Gateway",
            "door",
            listeners.formatted(", allowedRoutes: {kinds: [{kind: GRPCRoute}]}")));
    add(
        "side",
        gatewayApi(
            "Gateway",
            "side",
            "gatewayClassName: culvert-gateway, listeners: [{name: a, port: 8005, protocol: HTTP}]"));
  }

  private void secrets() {
    for (int i = 0; i < 2; i++) {
      SelfSigned identity = SelfSigned.of("a.example.com");
      add("cert", TestDoor.secret("cert", identity));
      add("ca", TestDoor.authorities("ca", identity));
    }
  }

  private void policies() {
    String authorization = "security.istio.io/v1";
    for (String name : List.of("p0", "p1")) {
      add(
          name,
          resource(
              authorization,
              "AuthorizationPolicy",
              "shop",
              name,
              "spec: {rules: [{to: [{operation: {paths: [/a*]}}]}]}"),
          resource(
              authorization,
              "AuthorizationPolicy",
              "shop",
              name,
              "spec: {action: DENY, rules: [{from: [{source: {ipBlocks: [198.18.0.0/16]}}]}]}"));
    }
    add(
        "jwt",
        resource(
            authorization,
            "RequestAuthentication",
            "shop",
            "jwt",
            "spec: {jwtRules: [{issuer: id, jwks: '{}'}]}"));
    add(
        "grant",
        resource(
            "gateway.networking.k8s.io/v1",
            "ReferenceGrant",
            "other",
            "grant",
            "spec: {from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop}], to: [{group: '', kind: Service}]}"));
    add(
        "tls",
        gatewayApi(
            "BackendTLSPolicy",
            "tls",
            "targetRefs: [{group: '', kind: Service, name: s2}], validation: {hostname: a.example.com, caCertificateRefs: [{group: '', kind: ConfigMap, name: ca}]}"));
    String traffic = "policy.culvert.dev/v1alpha1";
    add(
        "traffic",
        resource(
            traffic,
            "TrafficPolicy",
            "shop",
            "traffic",
            "spec: {targetRefs: [{group: '', kind: Service, name: s1}], loadBalancing: {algorithm: RoundRobin}}"),
        resource(
            traffic,
            "TrafficPolicy",
            "shop",
            "traffic",
            "spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: r1}], rateLimit: {requests: 5, per: 1s}}"));
  }

  private void streams() {
    String api = "gateway.networking.k8s.io/v1alpha2";
    add(
        "tlsroute",
        resource(
            api,
            "TLSRoute",
            "shop",
            "t0",
            "spec: {parentRefs: [{name: door}], hostnames: [e.example.com, f.org], rules: [{backendRefs: [{name: s0, port: 80}]}]}"),
        resource(
            api,
            "TLSRoute",
            "shop",
            "t0",
            "spec: {parentRefs: [{name: door}], hostnames: [f.org], rules: [{backendRefs: [{name: s1, port: 80}]}]}"));
    add(
        "tcproute",
        resource(
            api,
            "TCPRoute",
            "shop",
            "t1",
            "spec: {parentRefs: [{name: door}], rules: [{backendRefs: [{name: s0, port: 80}]}]}"));
  }
}
