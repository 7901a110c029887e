// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static dev.culvert.linux.socket.RedirectLab.CAPTURE;
import static dev.culvert.linux.socket.RedirectLab.at;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.linux.bpf.NeedsRoot;
import dev.culvert.linux.errno.ErrnoException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Resolvers follow each other on one port while apps ask and ask: where does a query go? */
@NeedsRoot
final class QueryFloodTest {
  private static final int DNS = 15053;
  private static final int APPS = 3;
  private static final int HAND_OVERS = 200;
  private static final int SOME = 5;

  private final Queue<String> lost = new ConcurrentLinkedQueue<>();
  private final AtomicInteger answered = new AtomicInteger();
  private RedirectLab lab;
  private volatile boolean enough;

  @BeforeEach
  void open() throws Exception {
    lab = new RedirectLab();
    lab.enrol(lab.client, CAPTURE);
  }

  @AfterEach
  void close() throws Exception {
    lab.close();
  }

  private TestSocket resolver(Family family) throws Exception {
    return lab.client.udp(family.domain()).marked().sharingPort().bound(at(family.loopback(), DNS));
  }

  private Thread app(Family family, int number) {
    InetSocketAddress asked = at(family.address("198.18.53.53", "fd00:c01:53::53"), 53);
    return Thread.ofPlatform()
        .start(
            () -> {
              for (int i = 0; !enough && lost.isEmpty(); i++) {
                ask(family, asked, "app %d, query %d".formatted(number, i));
              }
            });
  }

  private void ask(Family family, InetSocketAddress asked, String query) {
    try (TestSocket app = lab.client.udp(family.domain())) {
      app.send(query, asked);
      assertThat(app.receive()).isEqualTo(new TestSocket.Datagram(asked, query));
      answered.incrementAndGet();
    } catch (Exception | AssertionError e) {
      lost.add(query + ": " + e);
    }
  }

  private static int answer(TestSocket resolver) throws ErrnoException {
    int count = 0;
    Optional<TestSocket.Datagram> query = resolver.receiveNow();
    while (query.isPresent()) {
      resolver.send(query.get().text(), query.get().from());
      count++;
      query = resolver.receiveNow();
    }
    return count;
  }

  private void answerSome(TestSocket... resolvers) throws ErrnoException {
    int before = answered.get();
    while (answered.get() < before + SOME && lost.isEmpty()) {
      for (TestSocket resolver : resolvers) {
        answer(resolver);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"IPV4", "IPV6"})
  @Timeout(60)
  void eachQueryIsHeardByOneOfThoseThatFollowEachOther(Family family) throws Exception {
    Map<String, Long> before = counters();
    List<TestSocket> open = new ArrayList<>(List.of(resolver(family)));
    List<Thread> apps = IntStream.range(0, APPS).mapToObj(each -> app(family, each)).toList();
    try {
      for (int i = 0; i < HAND_OVERS && lost.isEmpty(); i++) {
        TestSocket old = open.getLast();
        TestSocket next = resolver(family);
        open.add(next);
        answerSome(old, next);
        PortHandOver.deafen(old.fd(), at(family.loopback(), DNS));
        answerSome(old, next);
        answerSome(next);
        assertThat(PortHandOver.hasUnread(old.fd())).as("unread in hand-over %d", i).isFalse();
        if (open.size() > 2) {
          open.removeFirst().close();
        }
      }
      enough = true;
      while (apps.stream().anyMatch(Thread::isAlive)) {
        answer(open.getLast());
      }
    } finally {
      enough = true;
      for (TestSocket each : open) {
        each.close();
      }
      for (Thread app : apps) {
        app.join();
      }
    }
    assertThat(lost).isEmpty();
    assertThat(counters()).isEqualTo(before);
  }

  /** What the kernel has dropped in the pod (snmp of proc_net(5)). */
  private Map<String, Long> counters() throws Exception {
    return lab.client.namespace().call(QueryFloodTest::countersHere);
  }

  private static Map<String, Long> countersHere() throws IOException {
    List<String[]> udp =
        Files.readAllLines(Path.of("/proc/thread-self/net/snmp")).stream()
            .filter(line -> line.startsWith("Udp:"))
            .map(line -> line.split(" "))
            .toList();
    List<String> names = List.of(udp.getFirst());
    return Stream.of("NoPorts", "InErrors", "RcvbufErrors")
        .collect(
            Collectors.toMap(
                name -> name, name -> Long.valueOf(udp.getLast()[names.indexOf(name)])));
  }
}
