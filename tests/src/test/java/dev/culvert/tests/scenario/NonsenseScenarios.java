// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.culvert.linux.Fd;
import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.linux.socket.NioDescriptors;
import dev.culvert.tests.hostile.FakeAgent;
import java.io.IOException;
import java.nio.channels.DatagramChannel;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nonsense from the agent or the controlplane breaks nothing and leaks nothing. */
abstract class NonsenseScenarios {
  private static final byte[] UNKNOWN_FIELD_100 = {(byte) 0xa2, 0x06, 0x00};

  private final LoneZtunnel lone;

  NonsenseScenarios(LoneZtunnel lone) {
    this.lone = lone;
  }

  @BeforeEach
  void connect() throws Exception {
    lone.connect();
  }

  /** It reconnects for the next one, or this could not begin. */
  @AfterEach
  void hangUp() {
    lone.hangUp();
  }

  @Test
  void packetsThatAreNoRequests() throws Exception {
    byte[] noise = new byte[500];
    new SplittableRandom(3).nextBytes(noise);
    refusedWithoutLeak(noise);
  }

  @Test
  void requestOfUnknownKind() throws Exception {
    refusedWithoutLeak(UNKNOWN_FIELD_100);
  }

  @Test
  void podWithoutNamespace() throws Exception {
    refusedWithoutLeak(FakeAgent.add("uid-1", "client").toByteArray());
  }

  @Test
  void podWithTwoNamespaces() throws Exception {
    try (NetworkNamespace pod = lone.clientNamespace()) {
      refusedWithoutLeak(FakeAgent.add("uid-1", "client").toByteArray(), pod.fd(), pod.fd());
    }
  }

  @Test
  void requestThatShouldBringNoDescriptor() throws Exception {
    try (NetworkNamespace pod = lone.clientNamespace()) {
      refusedWithoutLeak(FakeAgent.snapshotSent().toByteArray(), pod.fd());
    }
  }

  @Test
  void descriptorThatIsNoNamespace() throws Exception {
    try (DatagramChannel socket = DatagramChannel.open()) {
      Fd borrowed = Fd.own(NioDescriptors.fd(socket));
      refusedWithoutLeak(FakeAgent.add("uid-1", "client").toByteArray(), borrowed);
    }
  }

  @Test
  void packetLongerThanAnyRequest() throws Exception {
    refusedWithoutLeak(FakeAgent.add("u".repeat(60_000), "client").toByteArray());
  }

  @Test
  void podComesAndGoesWithoutLeak() throws Exception {
    try (NetworkNamespace pod = lone.clientNamespace()) {
      comeAndGo(pod);
      long before = lone.process().settledDescriptors();
      for (int i = 0; i < 10; i++) {
        comeAndGo(pod);
      }
      lone.process().awaitDescriptors(before);
    }
  }

  private void comeAndGo(NetworkNamespace pod) throws IOException {
    assertThat(lone.session().ask(FakeAgent.add("uid-1", "client"), pod.fd())).isEmpty();
    assertThat(lone.session().ask(FakeAgent.delete("uid-1"))).isEmpty();
  }

  @Test
  void resourceThatCannotBeDecodedIsRejectedAloneByName() throws Exception {
    lone.feed()
        .tell(
            Feed.ADDRESS,
            "2",
            Feed.resource("broken", ByteString.copyFromUtf8("\u0007 not a protobuf")),
            Feed.resource("good", Feed.workload("survivor", new byte[] {(byte) 198, 18, 9, 9})));
    assertThat(lone.feed().rejection(Feed.ADDRESS, "2")).contains("broken").doesNotContain("good");
    assertThat(lone.configDump()).contains("survivor");
  }

  @Test
  void workloadWithImpossibleAddressIsRejectedByName() throws Exception {
    lone.feed()
        .tell(
            Feed.ADDRESS,
            "3",
            Feed.resource("five-bytes", Feed.workload("five-bytes", new byte[5])));
    assertThat(lone.feed().rejection(Feed.ADDRESS, "3")).contains("five-bytes");
    assertThat(lone.configDump()).doesNotContain("five-bytes");
  }

  @Test
  void resourceOfAnotherTypeIsRejectedByName() throws Exception {
    lone.feed()
        .tell(
            Feed.AUTHORIZATION,
            "4",
            Feed.resource("misplaced", Feed.workload("misplaced", new byte[] {1, 2, 3, 4})));
    assertThat(lone.feed().rejection(Feed.AUTHORIZATION, "4")).contains("misplaced");
  }

  @Test
  void transportIsTheOneThatWasAskedFor() throws Exception {
    assertThat(lone.metrics()).contains("transport=\"%s\"".formatted(lone.transport()));
  }

  private void refusedWithoutLeak(byte[] packet, Fd... descriptors) throws Exception {
    long before = lone.process().settledDescriptors();
    for (int i = 0; i < 10; i++) {
      if (lone.session().ask(packet, descriptors).equals(FakeAgent.Session.CLOSED)) {
        lone.hangUp();
        lone.connect();
      } else {
        assertThat(lone.session().ask(packet, descriptors)).isNotEmpty();
      }
    }
    lone.process().awaitDescriptors(before);
    lone.process().awaitReady();
  }
}
