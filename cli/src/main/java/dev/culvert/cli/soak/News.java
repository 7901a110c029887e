// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import dev.culvert.cli.lab.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.function.Predicate;

/** What every ztunnel has heard, as its dump tells; also those that only carry connections on. */
record News(Proxies proxies) {
  /** News that takes longer does not come any more. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String WORKLOAD = "\"uid\":\"Kubernetes//Pod/soak/";

  void awaitHealthy(String pod) throws IOException {
    await("pod %s is healthy".formatted(pod), dump -> isHealthy(dump, pod));
  }

  /** Connections that come from then on go elsewhere. */
  void awaitUnhealthy(String pod) throws IOException {
    await("pod %s is not healthy".formatted(pod), dump -> !isHealthy(dump, pod));
  }

  /** Connections that come from then on are judged by it. */
  void awaitPolicy(String name, Collection<String> pods) throws IOException {
    await(
        "policy %s holds for %s".formatted(name, pods),
        dump ->
            dump.contains("\"name\":\"%s\"".formatted(name))
                && pods.stream().allMatch(pod -> workload(dump, pod).contains("/" + name + "\"")));
  }

  void awaitNoPolicy(String name) throws IOException {
    await("policy %s is gone".formatted(name), dump -> !dump.contains(name + "\""));
  }

  private void await(String what, Predicate<String> heard) throws IOException {
    for (Proxies.Proxy proxy : proxies.all()) {
      Await.until(
          "%s hears that %s".formatted(proxy.process(), what),
          PATIENCE,
          () -> !proxy.process().isAlive() || heard.test(proxy.dump()));
    }
  }

  static boolean isHealthy(String dump, String pod) {
    return workload(dump, pod).contains("\"status\":\"Healthy\"");
  }

  /** What the dump says of a pod; empty when it does not know it. */
  private static String workload(String dump, String pod) {
    int begin = dump.indexOf(WORKLOAD + pod + "\"");
    if (begin < 0) {
      return "";
    }
    int next = dump.indexOf(WORKLOAD, begin + 1);
    int services = dump.indexOf("\"services\":[{", begin);
    int end = next > 0 ? next : services;
    return end > 0 ? dump.substring(begin, end) : dump.substring(begin);
  }
}
