// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.cli.soak.Ending.How;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the soak reads of what others write. */
class SoakTextsTest {
  private static final String DUMP =
      """
      {"workloads":[{"uid":"Kubernetes//Pod/soak/churn-1","status":"Unhealthy",\
      "authorizationPolicies":[],"services":["soak/churn.soak.svc"]},\
      {"uid":"Kubernetes//Pod/soak/churn-12","status":"Healthy",\
      "authorizationPolicies":["soak/nobody-to-churn"]}],\
      "services":[{"endpoints":{"x":{"workloadUid":"y","status":"Healthy"}}}],\
      "policies":[{"name":"nobody-to-churn"}]}""";

  @Test
  void endingReadAsItWasWritten() {
    Ending end = new Ending(7, 1, 2, 3, 4, 5, "web-1", How.CUT, "reset by peer");
    assertThat(Ending.parse(end.line())).isEqualTo(end);
    Ending none = new Ending(8, 1, 0, 3, 0, 0, "-", How.DONE, "");
    assertThat(Ending.parse(none.line())).isEqualTo(none);
  }

  @Test
  void healthOfOnePodIsNotAnothers() {
    assertThat(News.isHealthy(DUMP, "churn-1")).isFalse();
    assertThat(News.isHealthy(DUMP, "churn-12")).isTrue();
    assertThat(News.isHealthy(DUMP, "churn-2")).isFalse();
  }

  @Test
  void renewalsAreWhatComesAfterTheFirst() {
    DaemonLogs logs = new DaemonLogs();
    String one = "12:00 INFO certificate for spiffe://td/ns/soak/sa/a is good until 12:01, renewed";
    logs.heard("ztunnel-node1", one);
    logs.heard("ztunnel-node2", one);
    logs.heard("ztunnel-node1", one.replace("/sa/a", "/sa/b"));
    assertThat(logs.renewals()).isZero();
    logs.heard("ztunnel-node2", one);

    assertThat(logs.renewals()).isOne();
    assertThat(logs.complaints()).isEmpty();
  }

  @Test
  void leaksAndLostMemoryAreComplaints() {
    DaemonLogs logs = new DaemonLogs();
    logs.heard("agent-node1", "ERROR LEAK: ByteBuf.release() was not called");

    assertThat(logs.complaints()).singleElement().asString().startsWith("agent-node1 wrote: ");
  }

  @Test
  void heapInUseReadFromTheHistogram() throws Exception {
    assertThat(Heaps.inUseKb("  1:  2  3  [B\nTotal        154321       20971520\n"))
        .isEqualTo(20480);
    assertThatThrownBy(
            () -> Heaps.inUseKb("12345:\njava.io.IOException: Operation not permitted\n\tat"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Operation not permitted");
  }

  @Test
  void logReadLineByLineAndOnce(@TempDir Path folder) throws Exception {
    Path log = Files.writeString(folder.resolve("log"), "before\n");
    LogTail all = new LogTail(log);
    LogTail tail = LogTail.fromNow(log);
    Files.writeString(log, "one\ntwo\nhal", StandardOpenOption.APPEND);
    assertThat(tail.next()).containsExactly("one", "two");
    Files.writeString(log, "f\n", StandardOpenOption.APPEND);

    assertThat(tail.next()).containsExactly("half");
    assertThat(tail.next()).isEmpty();
    assertThat(all.next()).containsExactly("before", "one", "two", "half");
  }

  @Test
  void planFitsItsTime() {
    SoakPlan full = new SoakPlan("soak", Duration.ofMinutes(10), 3, 24);
    SoakPlan quick = new SoakPlan("soak", Duration.ofSeconds(36), 3, 24);

    assertThat(full.command()).isEqualTo("./culvert soak --minutes 10 --seed 3 --connections 24");
    assertThat(quick.command()).contains("--minutes 0.6 ");
    assertThat(full.certificates()).isEqualTo(Duration.ofSeconds(60));
    assertThat(quick.certificates()).isEqualTo(Duration.ofSeconds(20));
    assertThat(full.longest()).isEqualTo(Duration.ofSeconds(60));
    assertThat(quick.longest()).isEqualTo(Duration.ofSeconds(9));
  }
}
