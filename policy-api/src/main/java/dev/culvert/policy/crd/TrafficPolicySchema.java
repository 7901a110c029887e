// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.crd;

import dev.culvert.policy.traffic.LoadBalancing;
import dev.culvert.policy.traffic.ProxyProtocol;
import dev.culvert.policy.traffic.RetryOn;
import java.util.Arrays;

/** The spec of a TrafficPolicy. */
final class TrafficPolicySchema {
  private static final int MOST = 1_000_000;

  private TrafficPolicySchema() {}

  static Schema spec() {
    return Schema.object(
            "How requests are carried, by gateways and waypoints, and how clients of"
                + " Gateways are taken.")
        .field(
            "targetRefs",
            Schema.list(
                    "The Services, the routes or the Gateways that it is for; of several policies the oldest"
                        + " counts.",
                    16,
                    Selectors.target("A Service, route or Gateway of the policy's namespace.")
                        .field(
                            "sectionName",
                            Schema.text("A listener of the Gateway; all of them unless said.")))
                .with("minItems", 1))
        .field("loadBalancing", loadBalancing())
        .field("connections", connections())
        .field("outlierDetection", outlierDetection())
        .field("healthCheck", healthCheck())
        .field("retries", retries())
        .field("faults", faults())
        .field("rateLimit", rateLimit())
        .field("proxyProtocol", proxyProtocol())
        .required("targetRefs");
  }

  private static Schema loadBalancing() {
    return Schema.object("How the endpoint of a request is chosen.")
        .field(
            "algorithm", Schema.choice("LeastRequest unless said.", LoadBalancing.Algorithm.class))
        .field("hashOn", hashOn())
        .field(
            "slowStart",
            Schema.object("How the share of a new endpoint grows.")
                .field("window", span("Until it is whole."))
                .field("minPercent", number("What it begins with; 10 unless said.", 1, 100))
                .required("window"));
  }

  private static Schema hashOn() {
    return Schema.object("What decides with RingHash and Maglev; one of the fields.")
        .field("header", Schema.text("The name of a header field.").with("minLength", 1))
        .field(
            "cookie",
            Schema.object("A cookie.")
                .field("name", Schema.text("Its name.").with("minLength", 1))
                .field("path", Schema.text("The path of one that is made; / unless said."))
                .field(
                    "ttl",
                    span("A client without one is given one for so long, 0s for its session."))
                .required("name"))
        .field("queryParameter", Schema.text("The name of a parameter.").with("minLength", 1))
        .field(
            "sourceAddress",
            Schema.bare("boolean").with("description", "The address that the client has."))
        .with("maxProperties", 1);
  }

  private static Schema connections() {
    return Schema.object("Bounds of what goes to all endpoints of a service from one proxy.")
        .field(
            "maxConnections",
            number("Open at once; each endpoint gets one from each event loop.", 1, MOST))
        .field("maxPendingRequests", number("That wait for a connection.", 1, MOST))
        .field("maxRequests", number("Under way at once.", 1, MOST))
        .field("maxRequestsPerConnection", number("After so many it is closed.", 1, MOST))
        .field("connectTimeout", span("Until a connection is there."))
        .field("idleTimeout", span("How long an unused connection is kept."));
  }

  private static Schema outlierDetection() {
    return Schema.object("When an endpoint is set aside for how it answers.")
        .field(
            "consecutive5xxErrors",
            number("So many 5xx in a row, or no answer; 5 unless said, 0 for never.", 0, MOST))
        .field(
            "consecutiveGatewayErrors",
            number("The same of 502, 503 and 504; 0, which is never, unless said.", 0, MOST))
        .field("interval", span("Each one without an ejection shortens the next; 10s unless said."))
        .field("baseEjectionTime", span("How long, times how often; 30s unless said."))
        .field("maxEjectionTime", span("At most so long; 300s unless said."))
        .field("maxEjectionPercent", number("Of the endpoints at once; 10 unless said.", 0, 100));
  }

  private static Schema healthCheck() {
    return Schema.object("How each endpoint is asked whether it is well.")
        .field("interval", span("Between two questions; 10s unless said."))
        .field("timeout", span("Until it must have answered; 1s unless said."))
        .field("unhealthyThreshold", number("Bad answers in a row; 3 unless said.", 1, 100))
        .field("healthyThreshold", number("Good answers in a row; 2 unless said.", 1, 100))
        .field(
            "http",
            Schema.object("By a GET.")
                .field("port", probePort())
                .field("path", Schema.text("What is asked for.").with("pattern", "^/"))
                .field("host", Schema.text("The service's own name unless said."))
                .field(
                    "statuses",
                    Schema.list(
                        "Those that are good; 200 unless said.",
                        64,
                        Schema.bare("integer").with("minimum", 200).with("maximum", 599)))
                .required("path"))
        .field(
            "grpc",
            Schema.object("By grpc.health.v1.Health/Check.")
                .field("port", probePort())
                .field("service", Schema.text("Its name; empty for the whole server.")))
        .field("tcp", Schema.object("By a connection.").field("port", probePort()))
        .rule(
            "[has(self.http), has(self.grpc), has(self.tcp)].filter(x, x).size() == 1",
            "write one of http, grpc and tcp");
  }

  private static Schema probePort() {
    return number("Another than that of the endpoint.", 1, 65535);
  }

  private static Schema faults() {
    return Schema.object("What is made to go wrong, to see how clients bear it.")
        .field(
            "delay",
            Schema.object("Requests that wait before they are sent.")
                .field("percent", number("Of all; 100 unless said.", 0, 100))
                .field("duration", span("How long."))
                .required("duration"))
        .field(
            "abort",
            Schema.object("Requests that are answered and not sent.")
                .field("percent", number("Of all; 100 unless said.", 0, 100))
                .field("status", number("Of HTTP.", 200, 599))
                .field("grpcStatus", number("The code of a call.", 1, 16))
                .rule(
                    "has(self.status) != has(self.grpcStatus)",
                    "write one of status and grpcStatus"));
  }

  private static Schema rateLimit() {
    return Schema.object("How many requests one proxy lets go; the rest is answered 429.")
        .field("requests", number("In each span.", 1, MOST))
        .field("per", span("The span; 1s unless said."))
        .field("burst", number("At once after a pause; requests unless said.", 1, MOST))
        .required("requests");
  }

  private static Schema proxyProtocol() {
    return Schema.object("How one learns whose connection one was given.")
        .field(
            "send",
            Schema.choice(
                "For Services: each connection begins with a header of this version that tells of"
                    + " the client.",
                ProxyProtocol.class))
        .field(
            "acceptFrom",
            Schema.list(
                "For Gateways: the addresses or blocks of load balancers, whose connections all"
                    + " begin with a header of either version; nobody else's are taken.",
                256,
                Schema.bare("string").with("minLength", 1)))
        .rule(
            "has(self.send) != has(self.acceptFrom)",
            "write send for Services or acceptFrom for Gateways");
  }

  private static Schema retries() {
    return Schema.object("When a request is sent again; a rule's own retry goes before it.")
        .field("attempts", number("How often after the first time; 2 unless said.", 0, 10))
        .field("perTryTimeout", span("How long each may take."))
        .field(
            "retryOn",
            Schema.list(
                "What is no answer.",
                16,
                Schema.bare("string")
                    .with("enum", Arrays.stream(RetryOn.values()).map(RetryOn::word).toList())))
        .field(
            "statuses",
            Schema.list(
                "Further statuses that are no answer.",
                64,
                Schema.bare("integer").with("minimum", 400).with("maximum", 599)))
        .field(
            "backoff",
            Schema.object("The pause between two attempts, doubled with each.")
                .field("baseInterval", span("The first; 25ms unless said."))
                .field("maxInterval", span("At most so long; ten times the first unless said.")))
        .field(
            "budget",
            Schema.object("How many repeated requests may be under way.")
                .field("percent", number("Of all; 20 unless said.", 0, 100))
                .field(
                    "minConcurrent",
                    number("So many however few there are; 3 unless said.", 0, MOST)));
  }

  private static Schema span(String description) {
    return Schema.text(description)
        .with("pattern", "^([0-9]{1,5}(h|m|s|ms)|[0-9]{1,9}[.][0-9]{1,9}s)$");
  }

  private static Schema number(String description, int min, int max) {
    return Schema.bare("integer")
        .with("description", description)
        .with("minimum", min)
        .with("maximum", max);
  }
}
