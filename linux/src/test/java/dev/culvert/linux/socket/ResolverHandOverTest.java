// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static dev.culvert.linux.socket.RedirectLab.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.bpf.NeedsRoot;
import java.net.InetSocketAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A new resolver takes a pod's queries over from an old one. */
@NeedsRoot
final class ResolverHandOverTest extends HandOverCase {
  private static TestSocket resolver(Family family) throws Exception {
    return lab.client.udp(family.domain()).marked().sharingPort().bound(at(family.loopback(), DNS));
  }

  @ParameterizedTest
  @EnumSource(names = {"IPV4", "IPV6"})
  void resolversThatAreDeafGetNoQueries(Family family) throws Exception {
    TestSocket first = resolver(family);
    try (TestSocket second = resolver(family);
        TestSocket third = resolver(family)) {
      PortHandOver.deafen(second.fd(), at(family.loopback(), DNS));
      PortHandOver.deafen(first.fd(), at(family.loopback(), DNS));
      assertAnswers(third, family);
      first.close();
      assertAnswers(third, family);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"IPV4", "IPV6"})
  void deafResolverAnswersWhatItHasHeard(Family family) throws Exception {
    InetSocketAddress asked = at(family.address("198.18.53.53", "fd00:c01:53::53"), 53);
    try (TestSocket first = resolver(family);
        TestSocket early = lab.client.udp(family.domain())) {
      early.send("early", asked);
      try (TestSocket second = resolver(family)) {
        PortHandOver.deafen(first.fd(), at(family.loopback(), DNS));
        assertAnswers(second, family);
        TestSocket.Datagram heard = first.receive();
        assertThat(heard.text()).isEqualTo("early");
        first.send("answer", heard.from());
        assertThat(early.receive()).isEqualTo(new TestSocket.Datagram(asked, "answer"));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"IPV4", "IPV6"})
  void deafResolverAloneHearsNothing(Family family) throws Exception {
    InetSocketAddress asked = at(family.address("198.18.53.53", "fd00:c01:53::53"), 53);
    try (TestSocket only = resolver(family);
        TestSocket app = lab.client.udp(family.domain()).connected(asked)) {
      PortHandOver.deafen(only.fd(), at(family.loopback(), DNS));
      app.send("anybody?", null);
      assertThatThrownBy(app::receive).hasMessageContaining("ECONNREFUSED");
    }
  }

  private static void assertAnswers(TestSocket resolver, Family family) throws Exception {
    InetSocketAddress asked = at(family.address("198.18.53.53", "fd00:c01:53::53"), 53);
    for (int i = 0; i < MANY; i++) {
      try (TestSocket app = lab.client.udp(family.domain())) {
        app.send("who?", asked);
        TestSocket.Datagram heard = resolver.receive();
        resolver.send("me", heard.from());
        assertThat(app.receive()).isEqualTo(new TestSocket.Datagram(asked, "me"));
      }
    }
  }
}
