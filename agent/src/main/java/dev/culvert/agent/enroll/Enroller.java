// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.enroll;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.culvert.agent.redirect.PodAddresses;
import dev.culvert.agent.redirect.Redirect;
import dev.culvert.agent.zds.ZdsServer;
import dev.culvert.linux.socket.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the kernel and ztunnel to what the source wants, step by step, as often as it is called: a
 * step that fails, or that waits for ztunnel, is tried again the next time. One thread.
 */
final class Enroller {
  private static final Logger LOG = LoggerFactory.getLogger(Enroller.class);

  private final Redirect redirect;
  private final ZdsServer zds;
  private final Duration patience;
  private final Executor thread;
  private final Runnable again;
  private final long home;
  private final Map<Long, PodEnrolment> enrolments = new LinkedHashMap<>();
  private final EnrolmentNotes notes = new EnrolmentNotes();

  /**
   * Takes over what an earlier agent enrolled.
   *
   * @param patience how long a new pod waits for ztunnel before it is closed
   * @param thread where {@link #reconcile} is called
   * @param again has it called once more
   */
  Enroller(Redirect redirect, ZdsServer zds, Duration patience, Executor thread, Runnable again)
      throws IOException {
    this.redirect = redirect;
    this.zds = zds;
    this.patience = patience;
    this.thread = thread;
    this.again = again;
    try (NetworkNamespace own = NetworkNamespace.current()) {
      this.home = own.cookie();
    }
    redirect.pods().forEach(pod -> enrolments.put(pod.cookie(), PodEnrolment.adopt(pod)));
  }

  /**
   * One pass.
   *
   * @param wanted every pod that is to be in the mesh
   * @param sourceIsComplete whether a pod that is not among them is known to be unwanted
   */
  void reconcile(List<DesiredPod> wanted, boolean sourceIsComplete) {
    Map<String, String> problems = new LinkedHashMap<>();
    List<DesiredPod> pods = inOrder(wanted);
    try (Claims claims = Claims.of(pods, home, cookies())) {
      enrolments.values().forEach(each -> decide(each, claims, sourceIsComplete));
      claims.owners().forEach((cookie, pod) -> begin(cookie, pod, claims));
      claims.notes().forEach((pod, note) -> problems.put(pod.title(), note));
    }
    List.copyOf(enrolments.values()).forEach(each -> advance(each, problems));
    notes.report(problems);
  }

  private Map<Long, Long> cookies() {
    Map<Long, Long> cookies = new HashMap<>();
    enrolments.values().forEach(e -> e.inode().ifPresent(inode -> cookies.put(inode, e.cookie())));
    return cookies;
  }

  /** Pods that are enrolled come first, so that a newcomer cannot take what is theirs. */
  private List<DesiredPod> inOrder(List<DesiredPod> pods) {
    Comparator<DesiredPod> known =
        Comparator.comparing(pod -> enrolments.values().stream().noneMatch(e -> isOf(e, pod)));
    return pods.stream().sorted(known.thenComparing(DesiredPod::title)).toList();
  }

  private static boolean isOf(PodEnrolment enrolment, DesiredPod pod) {
    return enrolment.pod().map(DesiredPod::uid).equals(Optional.of(pod.uid()));
  }

  private void decide(PodEnrolment enrolment, Claims claims, boolean sourceIsComplete) {
    Optional<DesiredPod> owner = claims.owner(enrolment.cookie());
    Optional<DesiredPod> unknown = claims.unknownOf(enrolment);
    if (owner.filter(enrolment::suits).isPresent()) {
      enrolment.wishFor(owner.get());
      enter(enrolment, claims);
    } else if (owner.isPresent()) {
      enrolment.wish(Wish.RELEASED);
    } else if (unknown.filter(enrolment::suits).isPresent()) {
      enrolment.wishFor(unknown.get());
    } else if (claims.missingOf(enrolment).isPresent()) {
      enrolment.wish(Wish.SEALED);
    } else {
      boolean hidden = enrolment.pod().isEmpty() && !sourceIsComplete;
      enrolment.wish(hidden ? Wish.SEALED : Wish.RELEASED);
    }
  }

  private void enter(PodEnrolment enrolment, Claims claims) {
    if (!enrolment.enter(claims.found(enrolment.cookie()))) {
      return;
    }
    claims.taken(enrolment.cookie());
    if (enrolment.progress().steered()) {
      enrolment.netns().ifPresent(netns -> redirect.adopt(enrolment.cookie(), netns));
    }
  }

  private void begin(long cookie, DesiredPod pod, Claims claims) {
    if (enrolments.containsKey(cookie)) {
      return;
    }
    try {
      PodAddresses addresses = PodAddresses.of(pod.ips());
      checkFree(pod, addresses);
      checkInside(addresses, claims.found(cookie).netns(), pod);
      PodEnrolment enrolment = PodEnrolment.begin(cookie, addresses, pod);
      enrolment.enter(claims.found(cookie));
      claims.taken(cookie);
      enrolments.put(cookie, enrolment);
    } catch (IOException | IllegalArgumentException e) {
      claims.note(pod, e.getMessage());
    }
  }

  private void checkFree(DesiredPod pod, PodAddresses addresses) throws IOException {
    for (PodEnrolment other : enrolments.values()) {
      if (isOf(other, pod)) {
        throw new IOException("waits until its former network namespace is released");
      }
      if (other.addresses().intersects(addresses)) {
        throw new IOException(
            "its address is that of pod %s (%s) already".formatted(other.title(), addresses));
      }
    }
  }

  /** A pod beside another pod's namespace would get that one's traffic under its own identity. */
  private static void checkInside(PodAddresses addresses, NetworkNamespace netns, DesiredPod pod)
      throws IOException {
    Set<InetAddress> inside = netns.addresses();
    if (!inside.containsAll(addresses.all())) {
      throw new IOException(
          "%s has not the pod's address %s: it is not assigned yet, or the two do not belong together"
              .formatted(pod.netns().orElseThrow(), addresses));
    }
  }

  private void advance(PodEnrolment enrolment, Map<String, String> problems) {
    String before = enrolment.progress().text();
    try {
      Optional<Step> step = next(enrolment);
      while (step.isPresent()) {
        take(enrolment, step.get());
        step = next(enrolment);
      }
    } catch (IOException e) {
      problems.put(enrolment.title(), e.getMessage() + "; it is tried again");
    }
    enrolment.letGo();
    log(enrolment, before);
    if (enrolment.progress().isGone()) {
      enrolment.close();
      enrolments.remove(enrolment.cookie());
      again.run(); // a successor may wait for it
    }
  }

  private Optional<Step> next(PodEnrolment enrolment) {
    return enrolment.next(System.nanoTime(), patience.toNanos());
  }

  private void take(PodEnrolment enrolment, Step step) throws IOException {
    long cookie = enrolment.cookie();
    PodAddresses addresses = enrolment.addresses();
    if (step.isTowardsEnd()) {
      redirect.pairs().drop(cookie);
    }
    switch (step) {
      case KNOW -> redirect.know(cookie, addresses);
      case ANNOUNCE -> {
        await(enrolment, zds.add(enrolment.announced()), step);
        CompletableFuture.delayedExecutor(patience.toNanos(), NANOSECONDS, thread).execute(again);
      }
      case STEER -> redirect.steer(cookie, addresses, open(enrolment));
      case CAPTURE -> redirect.capture(cookie, addresses);
      case RELEASE -> redirect.release(cookie, addresses);
      case UNSTEER -> redirect.unsteer(cookie, addresses, enrolment.netns());
      case WITHDRAW -> await(enrolment, zds.withdraw(enrolment.announced().uid()), step);
      case FORGET -> redirect.forget(cookie, addresses, enrolment.netns());
    }
    enrolment.done(step, System.nanoTime());
  }

  /** What is enrolled now, by the pod's uid. */
  Optional<PodEnrolment> enrolled(String uid) {
    return enrolments.values().stream()
        .filter(each -> each.pod().filter(pod -> pod.uid().equals(uid)).isPresent())
        .filter(PodEnrolment::isEnrolled)
        .findFirst();
  }

  /**
   * Whether the pod is in the mesh with this namespace, and not with one of a former sandbox. One
   * namespace has many names: the runtime's, and those of the processes by which it was found.
   */
  boolean serves(String uid, Path netns) {
    Optional<Long> inode =
        enrolled(uid).filter(PodEnrolment::isServed).flatMap(PodEnrolment::inode);
    return inode.isPresent() && inode.equals(inode(netns));
  }

  private static Optional<Long> inode(Path file) {
    try (NetworkNamespace netns = NetworkNamespace.open(file)) {
      return Optional.of(netns.inode());
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  /** Why a pod is not enrolled; empty when nothing is known. */
  String note(String pod) {
    return notes.of(pod);
  }

  Collection<PodEnrolment> enrolments() {
    return enrolments.values();
  }

  private static NetworkNamespace open(PodEnrolment enrolment) throws IOException {
    return enrolment
        .netns()
        .orElseThrow(() -> new IOException("its network namespace cannot be opened"));
  }

  private void await(PodEnrolment enrolment, CompletableFuture<Void> answer, Step told) {
    Progress.Announcement expected = Progress.NONE.after(told).announcement();
    var _ = answer.whenCompleteAsync((_, _) -> acknowledge(enrolment, expected), thread);
  }

  private void acknowledge(PodEnrolment enrolment, Progress.Announcement expected) {
    if (enrolment.progress().announcement() == expected) {
      enrolment.acknowledged();
      again.run();
    }
  }

  private static void log(PodEnrolment enrolment, String before) {
    String now = enrolment.progress().isGone() ? "released" : enrolment.progress().text();
    if (!now.equals(before)) {
      LOG.info("pod {} ({}): {}", enrolment.title(), enrolment.addresses(), now);
    }
  }

  /** Every pod that is enrolled, or that should be. */
  List<PodStatus> status() {
    return notes.status(enrolments.values());
  }

  void close() {
    enrolments.values().forEach(PodEnrolment::close);
  }
}
