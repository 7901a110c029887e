// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Whether the nodes' clocks agree: a certificate is refused by a peer whose clock is before its
 * beginning. Each kubelet writes its own time into its Lease every ten seconds; one that is older
 * than that cannot tell a slow clock from a kubelet that is late, one from the future can.
 */
final class ClockCheck implements Check {
  private static final String LEASES = "kube-node-lease";
  private static final Duration AHEAD = Duration.ofSeconds(5);
  private static final Duration BEHIND = Duration.ofSeconds(60);
  private static final long PATIENCE_SECONDS = 10;

  private final KubernetesClient client;

  ClockCheck(KubernetesClient client) {
    this.client = client;
  }

  @Override
  public String name() {
    return "the nodes' clocks";
  }

  @Override
  public List<Finding> findings() throws IOException {
    List<Lease> leases = client.leases().inNamespace(LEASES).list().getItems();
    Instant now = serverTime();
    List<Finding> findings = new ArrayList<>();
    for (Lease lease : leases) {
      skew(lease, now).ifPresent(findings::add);
    }
    if (findings.isEmpty()) {
      findings.add(
          Finding.ok(
              "the clocks of %d nodes agree with the API server's".formatted(leases.size())));
    }
    return findings;
  }

  private static Optional<Finding> skew(Lease lease, Instant now) {
    ZonedDateTime renewed = lease.getSpec().getRenewTime();
    if (renewed == null) {
      return Optional.empty();
    }
    Duration age = Duration.between(renewed.toInstant(), now);
    if (age.compareTo(AHEAD.negated()) >= 0 && age.compareTo(BEHIND) <= 0) {
      return Optional.empty();
    }
    String direction = age.isNegative() ? "ahead" : "behind, or its kubelet does not answer";
    return Optional.of(
        Finding.warning(
            "the clock of node %s is %d s %s"
                .formatted(lease.getMetadata().getName(), age.abs().toSeconds(), direction),
            "set it by NTP: certificates of the mesh are refused where they are not valid yet or any more"));
  }

  /** By the header that every answer has. */
  private Instant serverTime() throws IOException {
    HttpRequest request =
        client
            .getHttpClient()
            .newHttpRequestBuilder()
            .uri(client.getMasterUrl() + "version")
            .build();
    try {
      HttpResponse<String> answer =
          client
              .getHttpClient()
              .sendAsync(request, String.class)
              .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      String date = answer.header("Date");
      if (date == null) {
        throw new IOException("the API server does not tell its time");
      }
      return Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date));
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the API server does not tell its time", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
