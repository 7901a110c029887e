// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import com.google.rpc.Code;
import com.google.rpc.Status;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import dev.culvert.policy.wire.discovery.Node;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.ztunnel.xds.ResourceSink.Rejected;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The subscription to the resources of one type, to all or on demand, across streams: what is held
 * in which version, and what to answer. On the xDS thread.
 */
final class DeltaSubscription {
  private static final Logger LOG = LoggerFactory.getLogger(DeltaSubscription.class);

  /** An error that lists more would only fill the control plane's log. */
  private static final int MAX_NAMED = 20;

  /** A version that no resource has, so that it is sent again. */
  private static final String REJECTED = "";

  private final String typeUrl;
  private final ResourceSink sink;
  private final Optional<OnDemand> demand;
  private final Map<String, String> versions = new HashMap<>();
  private volatile boolean answered;

  /**
   * @param demand what is asked for; empty for all there is
   */
  DeltaSubscription(String typeUrl, ResourceSink sink, Optional<OnDemand> demand) {
    this.typeUrl = typeUrl;
    this.sink = sink;
    this.demand = demand;
  }

  String typeUrl() {
    return typeUrl;
  }

  /** Whether what is to come unasked came. Any thread. */
  boolean answered() {
    return answered || demand.isPresent();
  }

  /** The first request of a stream: everything, except what is already here unchanged. */
  DeltaDiscoveryRequest first(Node node) {
    DeltaDiscoveryRequest.Builder first =
        DeltaDiscoveryRequest.newBuilder()
            .setNode(node)
            .setTypeUrl(typeUrl)
            .putAllInitialResourceVersions(versions);
    demand.ifPresent(names -> names.begin(first, versions.keySet()));
    return first.build();
  }

  /** There is no stream now. */
  void ended() {
    demand.ifPresent(OnDemand::ended);
  }

  /** Takes in a response and says what to answer: an ACK, or a NACK that names the bad ones. */
  DeltaDiscoveryRequest accept(DeltaDiscoveryResponse response) {
    List<Rejected> rejected =
        sink.apply(response.getResourcesList(), response.getRemovedResourcesList());
    remember(response, rejected);
    demand.ifPresent(names -> names.answered(response, rejected));
    answered = true;
    DeltaDiscoveryRequest.Builder answer =
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(typeUrl)
            .setResponseNonce(response.getNonce());
    if (!rejected.isEmpty()) {
      rejected.forEach(one -> LOG.warn("rejected a resource from the control plane: {}", one));
      answer.setErrorDetail(status(rejected));
    }
    return answer.build();
  }

  private void remember(DeltaDiscoveryResponse response, List<Rejected> rejected) {
    Set<String> bad = rejected.stream().map(Rejected::name).collect(Collectors.toSet());
    for (Resource resource : response.getResourcesList()) {
      if (!bad.contains(resource.getName())) {
        versions.put(resource.getName(), resource.getVersion());
      } else {
        // Also what was rejected may have an effect here: its end must be told after a reconnect.
        versions.putIfAbsent(resource.getName(), REJECTED);
      }
    }
    response.getRemovedResourcesList().forEach(versions::remove);
  }

  private static Status status(List<Rejected> rejected) {
    String named =
        rejected.stream()
            .limit(MAX_NAMED)
            .map(Rejected::toString)
            .collect(Collectors.joining("; "));
    String more =
        rejected.size() > MAX_NAMED ? "; and %d more".formatted(rejected.size() - MAX_NAMED) : "";
    return Status.newBuilder()
        .setCode(Code.INVALID_ARGUMENT_VALUE)
        .setMessage(named + more)
        .build();
  }
}
