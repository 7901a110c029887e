// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.enroll;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;

import com.google.protobuf.ByteString;
import dev.culvert.agent.pairs.PairRequests;
import dev.culvert.agent.redirect.PairMaps;
import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.linux.socket.SocketOptions;
import dev.culvert.linux.socket.TcpConnection;
import dev.culvert.linux.socket.TcpDiagnosis;
import dev.culvert.policy.wire.pairs.PairEnd;
import dev.culvert.policy.wire.pairs.PairGrant;
import dev.culvert.policy.wire.pairs.PairKey;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Grants between enrolled pods. On the enrolment's thread, so that a pod cannot leave between the
 * check and what is written.
 */
final class EnrolledPairs implements PairRequests {
  private static final Logger LOG = LoggerFactory.getLogger(EnrolledPairs.class);

  /** The proxy's own, in every pod: an application is never there. */
  private static final Set<Integer> PROXY_PORTS = Set.of(15001, 15006, 15008, 15053);

  private final PairMaps maps;
  private final Enroller pods;
  private final Executor thread;

  EnrolledPairs(PairMaps maps, Enroller pods, Executor thread) {
    this.maps = maps;
    this.pods = pods;
    this.thread = thread;
  }

  /** What of a request cannot be. */
  private static final class RefusedGrantException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedGrantException(String reason) {
      super(reason);
    }
  }

  /** Something to be done in the kernel. */
  private interface Work {
    void run() throws IOException, RefusedGrantException;
  }

  private void onThread(String what, Work work) {
    thread.execute(
        () -> {
          try {
            work.run();
          } catch (IOException e) {
            LOG.warn("pairs: {} failed: {}", what, e.getMessage());
          } catch (RefusedGrantException e) {
            LOG.info("pairs: {} is refused: {}", what, e.getMessage());
          }
        });
  }

  @Override
  public void grant(PairGrant grant) {
    onThread("a grant", () -> write(grant));
  }

  private void write(PairGrant grant) throws IOException, RefusedGrantException {
    InetSocketAddress asked = address(grant.getKey().getAddress(), grant.getKey().getPort());
    PodEnrolment source = enrolled(grant.getKey().getSourceUid());
    List<PairMaps.End> ends = new ArrayList<>();
    for (PairEnd end : grant.getEndsList()) {
      ends.add(end(end, source, asked));
    }
    if (ends.isEmpty() || ends.size() > PairMaps.MAX_ENDS) {
      throw new RefusedGrantException(ends.size() + " ends");
    }
    checkAsked(asked, ends);
    maps.grant(grant.getGeneration(), new PairMaps.Pair(source.cookie(), asked), ends);
  }

  private PairMaps.End end(PairEnd end, PodEnrolment source, InetSocketAddress asked)
      throws RefusedGrantException {
    InetSocketAddress endpoint = address(end.getAddress(), end.getPort());
    PodEnrolment pod = enrolled(end.getUid());
    if (!pod.addresses().all().contains(endpoint.getAddress())) {
      throw new RefusedGrantException(endpoint + " is not of " + pod.title());
    }
    if (pod.cookie() == source.cookie()) {
      throw new RefusedGrantException(pod.title() + " to itself");
    }
    if (isIpv4(endpoint) != isIpv4(asked)) {
      throw new RefusedGrantException("from one family to the other");
    }
    return new PairMaps.End(pod.cookie(), endpoint);
  }

  /** A pod's address leads to that pod, or it would be reached under another's policy. */
  private void checkAsked(InetSocketAddress asked, List<PairMaps.End> ends)
      throws RefusedGrantException {
    boolean ofPod =
        pods.enrolments().stream()
            .anyMatch(each -> each.addresses().all().contains(asked.getAddress()));
    if (ofPod && !ends.equals(List.of(new PairMaps.End(ends.getFirst().netns(), asked)))) {
      throw new RefusedGrantException(asked + " is a pod's address and leads elsewhere");
    }
  }

  private PodEnrolment enrolled(String uid) throws RefusedGrantException {
    return pods.enrolled(uid)
        .orElseThrow(() -> new RefusedGrantException("pod " + uid + " is not enrolled"));
  }

  private static boolean isIpv4(InetSocketAddress address) {
    return address.getAddress() instanceof Inet4Address;
  }

  private static InetSocketAddress address(ByteString ip, int port) throws RefusedGrantException {
    if (port <= 0 || port > 65_535 || PROXY_PORTS.contains(port)) {
      throw new RefusedGrantException("port " + port);
    }
    try {
      return new InetSocketAddress(InetAddress.getByAddress(ip.toByteArray()), port);
    } catch (IOException e) {
      throw new RefusedGrantException(e.getMessage());
    }
  }

  @Override
  public void revoke(PairKey pair) {
    onThread(
        "a revocation",
        () -> {
          PodEnrolment source = enrolled(pair.getSourceUid());
          maps.revoke(
              new PairMaps.Pair(source.cookie(), address(pair.getAddress(), pair.getPort())));
        });
  }

  @Override
  public void resetAll() {
    onThread("a reset", this::reset);
  }

  private void reset() throws IOException {
    Map<Long, Set<InetSocketAddress>> open =
        maps.granted().stream()
            .collect(groupingBy(PairMaps.Open::source, mapping(PairMaps.Open::endpoint, toSet())));
    for (PodEnrolment each : pods.enrolments()) {
      Set<InetSocketAddress> endpoints = open.getOrDefault(each.cookie(), Set.of());
      if (each.netns().isPresent() && !endpoints.isEmpty()) {
        reset(each.netns().get(), endpoints);
      }
    }
    maps.clear();
  }

  /** What a pod's applications have open to there. */
  private static void reset(NetworkNamespace netns, Set<InetSocketAddress> endpoints)
      throws IOException {
    try (TcpDiagnosis diagnosis = TcpDiagnosis.in(netns)) {
      for (TcpConnection each : diagnosis.connections()) {
        boolean direct = each.mark() != SocketOptions.MARK && endpoints.contains(each.remote());
        if (direct && diagnosis.destroy(each)) {
          LOG.info("pairs: {} is reset", each);
        }
      }
    }
  }
}
