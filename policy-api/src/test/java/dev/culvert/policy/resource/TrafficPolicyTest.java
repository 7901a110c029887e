// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.traffic.ConnectionLimits;
import dev.culvert.policy.traffic.Faults;
import dev.culvert.policy.traffic.HashKey;
import dev.culvert.policy.traffic.HealthCheck;
import dev.culvert.policy.traffic.LoadBalancing;
import dev.culvert.policy.traffic.LoadBalancing.Algorithm;
import dev.culvert.policy.traffic.OutlierDetection;
import dev.culvert.policy.traffic.ProxyProtocol;
import dev.culvert.policy.traffic.RateLimit;
import dev.culvert.policy.traffic.RetryOn;
import dev.culvert.policy.traffic.RetryPolicy;
import dev.culvert.policy.traffic.SlowStart;
import dev.culvert.policy.traffic.Traffic;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrafficPolicyTest {
  private static String yaml(String spec) {
    return """
    apiVersion: policy.culvert.dev/v1alpha1
    kind: TrafficPolicy
    metadata: {name: web, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: web}]
    """
        + spec.indent(2);
  }

  private static Traffic traffic(String spec) {
    return Yaml.read(TrafficPolicy.class, yaml(spec)).traffic();
  }

  @Test
  void nothingButItsTargetIsTheStandard() {
    assertThat(traffic("")).isEqualTo(Traffic.STANDARD);
  }

  @Test
  void everyField() {
    Traffic traffic =
        traffic(
            """
            loadBalancing:
              algorithm: RoundRobin
              slowStart: {window: 30s, minPercent: 5}
            connections:
              maxConnections: 10
              maxPendingRequests: 11
              maxRequests: 12
              maxRequestsPerConnection: 13
              connectTimeout: 250ms
              idleTimeout: 1h
            outlierDetection:
              consecutive5xxErrors: 7
              consecutiveGatewayErrors: 3
              interval: 5s
              baseEjectionTime: 20s
              maxEjectionTime: 60s
              maxEjectionPercent: 50
            retries:
              attempts: 4
              perTryTimeout: 0.5s
              retryOn: [5xx, unavailable]
              statuses: [429]
              backoff: {baseInterval: 10ms, maxInterval: 1s}
              budget: {percent: 30, minConcurrent: 5}
            healthCheck:
              interval: 3s
              timeout: 200ms
              unhealthyThreshold: 4
              healthyThreshold: 1
              http: {port: 8081, path: /healthz, host: web.example.com, statuses: [200, 204]}
            faults:
              delay: {percent: 10, duration: 2s}
              abort: {percent: 5, status: 503}
            rateLimit: {requests: 100, per: 1m, burst: 20}
            proxyProtocol: {send: V2}
            """);
    assertThat(traffic)
        .isEqualTo(
            new Traffic(
                new LoadBalancing(
                    Algorithm.RoundRobin,
                    Optional.empty(),
                    Optional.of(new SlowStart(Duration.ofSeconds(30), 5))),
                new ConnectionLimits(
                    10,
                    11,
                    12,
                    13,
                    Optional.of(Duration.ofMillis(250)),
                    Optional.of(Duration.ofHours(1))),
                Optional.of(
                    new OutlierDetection(
                        7,
                        3,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(20),
                        Duration.ofMinutes(1),
                        50)),
                Optional.of(
                    new HealthCheck(
                        Duration.ofSeconds(3),
                        Duration.ofMillis(200),
                        4,
                        1,
                        new HealthCheck.Http(
                            OptionalInt.of(8081),
                            "/healthz",
                            Optional.of("web.example.com"),
                            Set.of(200, 204)))),
                Optional.of(
                    new RetryPolicy(
                        4,
                        Optional.of(Duration.ofMillis(500)),
                        Set.of(RetryOn.SERVER_ERROR, RetryOn.UNAVAILABLE),
                        Set.of(429),
                        Duration.ofMillis(10),
                        Duration.ofSeconds(1),
                        30,
                        5)),
                new Faults(
                    Optional.of(new Faults.Delay(10, Duration.ofSeconds(2))),
                    Optional.of(new Faults.Abort(5, 503, OptionalInt.empty()))),
                Optional.of(new RateLimit(100, Duration.ofMinutes(1), 20)),
                Optional.of(ProxyProtocol.V2)));
  }

  @Test
  void sectionsWithoutFieldsAreTheUsual() {
    Traffic traffic = traffic("outlierDetection: {}\nretries: {}");
    assertThat(traffic.outliers())
        .contains(
            new OutlierDetection(
                5, 0, Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofMinutes(5), 10));
    assertThat(traffic.retries().orElseThrow().on())
        .containsExactlyInAnyOrder(
            RetryOn.CONNECT_FAILURE,
            RetryOn.REFUSED_STREAM,
            RetryOn.UNAVAILABLE,
            RetryOn.CANCELLED);
    assertThat(traffic.retries().orElseThrow().attempts()).isEqualTo(2);
  }

  @Test
  void otherWaysToAskAndToFail() {
    Traffic traffic =
        traffic("healthCheck: {grpc: {service: shop.Web}}\nfaults: {abort: {grpcStatus: 14}}");
    assertThat(traffic.healthCheck().orElseThrow().probe())
        .isEqualTo(new HealthCheck.Grpc(OptionalInt.empty(), "shop.Web"));
    assertThat(traffic.faults().abort()).contains(new Faults.Abort(100, 200, OptionalInt.of(14)));
    assertThat(traffic("healthCheck: {tcp: {}}").healthCheck().orElseThrow().probe())
        .isEqualTo(new HealthCheck.Tcp(OptionalInt.empty()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{header: X-User} | Header[name=x-user]",
        "{queryParameter: user} | QueryParameter[name=user]",
        "{sourceAddress: true} | SourceAddress[]",
        "{cookie: {name: u}} | Cookie[name=u, path=/, ttl=Optional.empty]",
        "{cookie: {name: u, path: /a, ttl: 1h}} | Cookie[name=u, path=/a, ttl=Optional[PT1H]]"
      })
  void keys(String written, String read) {
    HashKey key =
        traffic("loadBalancing: {algorithm: Maglev, hashOn: %s}".formatted(written))
            .loadBalancing()
            .hashOn()
            .orElseThrow();
    assertThat(key).hasToString(read);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "loadBalancing: {algorithm: RingHash} | needs a key",
        "loadBalancing: {algorithm: Random, hashOn: {header: a}} | has no key",
        "loadBalancing: {algorithm: Maglev, hashOn: {header: a, sourceAddress: true}} | one key",
        "loadBalancing: {algorithm: Maglev, hashOn: {header: a}, slowStart: {window: 1s}} | remove it",
        "loadBalancing: {algorithm: Maglev, hashOn: {cookie: {name: 'a b'}}} | no name of a cookie",
        "loadBalancing: {algorithm: Maglev, hashOn: {cookie: {name: a, path: '/;b'}}} | no path",
        "loadBalancing: {algorithm: RoundRobbin} | did you mean 'RoundRobin'?",
        "outlierDetection: {consecutive5xxErrors: 0} | nothing is counted",
        "outlierDetection: {baseEjectionTime: 10m} | shorter than baseEjectionTime",
        "retries: {retryOn: [unavailabel]} | did you mean 'unavailable'?",
        "retries: {attempts: 11} | out of range",
        "retries: {backoff: {baseInterval: 1s, maxInterval: 10ms}} | shorter than baseInterval",
        "healthCheck: {interval: 1s} | one way to ask",
        "healthCheck: {tcp: {}, grpc: {}} | one way to ask",
        "healthCheck: {http: {path: healthz}} | is no path",
        "faults: {abort: {percent: 5}} | one answer",
        "faults: {abort: {status: 503, grpcStatus: 14}} | one answer",
        "faults: {delay: {percent: 5}} | how long requests wait",
        "rateLimit: {per: 1s} | how many requests may go",
        "connections: {connectTimeout: 0s} | no time at all",
        "proxyProtocol: {} | write V1 or V2",
        "proxyProtocol: {send: V3} | did you mean 'V1'?",
        "proxyProtocol: {acceptFrom: [10.0.0.0/8]} | name a Gateway",
        "connections: {maxConnection: 1} | did you mean 'maxConnections'?"
      })
  void errorSaysWhatToDo(String spec, String told) {
    assertThat(Yaml.error(yaml(spec))).contains(told);
  }

  @Test
  void onlyServicesOfItsNamespace() {
    assertThat(
            Yaml.error(
                yaml("").replace("{group: \"\", kind: Service", "{group: apps, kind: Deployment")))
        .contains("name a Service");
    assertThat(Yaml.error(yaml("").replace("name: web}]", "name: web, namespace: other}]")))
        .contains("its own namespace only");
  }

  private static String ofGateway(String ref, String spec) {
    return yaml(spec)
        .replace(
            "{group: \"\", kind: Service, name: web}",
            "{group: gateway.networking.k8s.io, kind: Gateway, name: door%s}".formatted(ref));
  }

  @Test
  void loadBalancersOfAGateway() {
    TrafficPolicy policy =
        Yaml.read(
            TrafficPolicy.class,
            ofGateway(
                ", sectionName: tcp", "proxyProtocol: {acceptFrom: [10.0.0.0/8, 'fd00::1']}"));
    assertThat(policy.targetRefs())
        .containsExactly(new TargetRef("gateway.networking.k8s.io", "Gateway", "door", "tcp"));
    assertThat(policy.proxySources())
        .containsExactly(IpBlock.parse("10.0.0.0/8"), IpBlock.parse("fd00::1"));
    assertThat(policy.isForGateways()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | add acceptFrom",
        "proxyProtocol: {acceptFrom: []} | add acceptFrom",
        "proxyProtocol: {acceptFrom: [10.0.0.0/33]} | no usable prefix length",
        "proxyProtocol: {acceptFrom: [10.0.0.1], send: V1} | name the Services",
        "{rateLimit: {requests: 1}, proxyProtocol: {acceptFrom: [10.0.0.1]}} | policy for the Services"
      })
  void errorOfAGatewaysSaysWhatToDo(String spec, String told) {
    String written = spec.startsWith("{") ? spec.substring(1, spec.length() - 1) : spec;
    assertThat(Yaml.error(ofGateway("", written.replace(", proxy", "\nproxy")))).contains(told);
  }

  @Test
  void servicesAndGatewaysNeedPoliciesOfTheirOwn() {
    String both =
        ofGateway(
            "}, {group: \"\", kind: Service, name: web", "proxyProtocol: {acceptFrom: [10.0.0.1]}");
    assertThat(Yaml.error(both)).contains("write a policy for each");
  }

  private static String ofRoute(String spec) {
    return yaml(spec)
        .replace(
            "{group: \"\", kind: Service, name: web}",
            "{group: gateway.networking.k8s.io, kind: HTTPRoute, name: web}");
  }

  @Test
  void requestsOfARoute() {
    TrafficPolicy policy =
        Yaml.read(
            TrafficPolicy.class,
            ofRoute(
                "retries: {attempts: 4}\nrateLimit: {requests: 5}\nfaults: {abort: {status: 500}}"));
    assertThat(policy.isForRoutes()).isTrue();
    assertThat(policy.isForServices()).isFalse();
    assertThat(policy.traffic().rateLimit()).contains(new RateLimit(5, Duration.ofSeconds(1), 5));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "loadBalancing: {algorithm: Random} | policy for the Services",
        "connections: {maxRequests: 1} | policy for the Services",
        "outlierDetection: {} | policy for the Services",
        "healthCheck: {tcp: {}} | policy for the Services",
        "proxyProtocol: {send: V1} | name the Services"
      })
  void routeHasNoEndpoints(String spec, String told) {
    assertThat(Yaml.error(ofRoute(spec))).contains(told);
  }
}
