// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.enroll;

import dev.culvert.agent.redirect.PodAddresses;
import dev.culvert.agent.redirect.Redirect.RedirectedPod;
import dev.culvert.agent.zds.AnnouncedPod;
import dev.culvert.linux.socket.NetworkNamespace;
import java.util.Optional;

/** One network namespace on its way into the mesh, in it, or out of it. One thread. */
final class PodEnrolment {
  private final long cookie;
  private final PodAddresses addresses;
  private Optional<DesiredPod> pod;
  private Optional<NetworkNamespace> netns;
  private Optional<Long> inode = Optional.empty();
  private Progress progress;
  private Wish wish;
  private long announcedAt;

  private PodEnrolment(
      long cookie, PodAddresses addresses, Optional<DesiredPod> pod, Progress progress, Wish wish) {
    this.cookie = cookie;
    this.addresses = addresses;
    this.pod = pod;
    this.netns = Optional.empty();
    this.progress = progress;
    this.wish = wish;
  }

  static PodEnrolment begin(long cookie, PodAddresses addresses, DesiredPod pod) {
    return new PodEnrolment(cookie, addresses, Optional.of(pod), Progress.NONE, Wish.ENROLLED);
  }

  /** What an earlier agent enrolled; whose it is, the source will tell. */
  static PodEnrolment adopt(RedirectedPod found) {
    Progress progress = Progress.adopted(found.steered(), found.captured());
    return new PodEnrolment(
        found.cookie(), found.addresses(), Optional.empty(), progress, Wish.SEALED);
  }

  long cookie() {
    return cookie;
  }

  PodAddresses addresses() {
    return addresses;
  }

  Progress progress() {
    return progress;
  }

  Wish wish() {
    return wish;
  }

  Optional<NetworkNamespace> netns() {
    return netns;
  }

  Optional<DesiredPod> pod() {
    return pod;
  }

  String title() {
    return pod.map(DesiredPod::title).orElse("of an earlier agent");
  }

  /** Whether the pod may go on in this enrolment; a change of identity needs a new one. */
  boolean suits(DesiredPod wanted) {
    return pod.isEmpty()
        ? addresses.all().size() == wanted.ips().size() && addresses.all().containsAll(wanted.ips())
        : pod.get().uid().equals(wanted.uid())
            && pod.get().title().equals(wanted.title())
            && pod.get().serviceAccount().equals(wanted.serviceAccount())
            && pod.get().ips().equals(wanted.ips());
  }

  /** Whether this is, or was, the namespace of that pod. */
  boolean belongsTo(DesiredPod wanted) {
    return pod.isEmpty()
        ? wanted.ips().stream().anyMatch(addresses.all()::contains)
        : pod.get().uid().equals(wanted.uid());
  }

  void wish(Wish next) {
    wish = next;
  }

  void wishFor(DesiredPod wanted) {
    pod = Optional.of(wanted);
    wish = Wish.ENROLLED;
  }

  /** The inode of the namespace, for as long as it is held open and so cannot be another's. */
  Optional<Long> inode() {
    return inode;
  }

  /** Takes over the open namespace, unless it has one; true when it was taken. */
  boolean enter(NamespaceLookup.Found found) {
    if (netns.isPresent()) {
      return false;
    }
    inode = Optional.of(found.inode());
    netns = Optional.of(found.netns());
    if (progress.announcement() == Progress.Announcement.WAITING) {
      progress = progress.unannounced(); // it was announced without
    }
    return true;
  }

  /** Whether both directions go through the proxy, and shall. */
  boolean isEnrolled() {
    return wish == Wish.ENROLLED && progress.steered() && progress.captured();
  }

  /** Enrolled, and with a proxy. */
  boolean isServed() {
    return isEnrolled() && progress.announcement() == Progress.Announcement.SERVED;
  }

  AnnouncedPod announced() {
    DesiredPod known = pod.orElseThrow();
    return new AnnouncedPod(
        known.uid(), known.namespace(), known.name(), known.serviceAccount(), netns);
  }

  Optional<Step> next(long now, long patienceNanos) {
    return progress.next(wish, now - announcedAt >= patienceNanos);
  }

  void done(Step step, long now) {
    progress = progress.after(step);
    if (step == Step.ANNOUNCE) {
      announcedAt = now;
    }
  }

  void acknowledged() {
    progress = progress.acknowledged();
  }

  /** Lets the namespace die when nothing more is to be done in it. */
  void letGo() {
    boolean idle = wish != Wish.ENROLLED && progress.announcement() == Progress.Announcement.NONE;
    if (idle) {
      close();
    }
  }

  void close() {
    inode = Optional.empty();
    netns.ifPresent(NetworkNamespace::close);
    netns = Optional.empty();
  }
}
