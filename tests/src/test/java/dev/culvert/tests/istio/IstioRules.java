// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.istio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.lab.CommandResult;
import dev.culvert.cli.lab.Lab;
import dev.culvert.cli.lab.LabPod;
import java.io.IOException;
import java.util.List;

/**
 * Takes a pod's connections to its ztunnel as istio-cni does: by NAT to the proxy's ports, and by a
 * mark that brings back the answers to what the proxy sends under a client's address.
 */
public final class IstioRules {
  private static final String TABLE =
      """
      table inet istio {
        chain mark_in {
          type filter hook prerouting priority mangle;
          meta mark & 0xfff == 0x539 ct mark set 0x111
        }
        chain mark_out {
          type route hook output priority mangle;
          ct mark & 0xfff == 0x111 meta mark set ct mark
        }
        chain inbound {
          type nat hook prerouting priority dstnat;
          ip daddr 127.0.0.1 return
          ip6 daddr ::1 return
          meta mark & 0xfff == 0x539 return
          tcp dport != 15008 redirect to :15006
        }
        chain outbound {
          type nat hook output priority -100;
          oifname != "lo" meta mark & 0xfff != 0x539 udp dport 53 redirect to :15053
          ip daddr 127.0.0.1 return
          ip6 daddr ::1 return
          meta mark & 0xfff == 0x539 return
          meta mark & 0xfff == 0x111 return
          tcp dport 53 redirect to :15053
          oifname "lo" return
          meta l4proto tcp redirect to :15001
        }
      }
      """;

  private static final List<String> ROUTES =
      List.of(
          "ip rule add fwmark 0x111/0xfff pref 32764 lookup 100",
          "ip route add local 0.0.0.0/0 dev lo table 100",
          "ip -6 rule add fwmark 0x111/0xfff pref 32764 lookup 100",
          "ip -6 route add local ::/0 dev lo table 100");

  private IstioRules() {}

  /** Makes them in the pod's namespace, with which they end. */
  public static void apply(Lab lab, LabPod pod) throws IOException {
    run(lab, pod, "nft '%s'".formatted(TABLE));
    for (String route : ROUTES) {
      run(lab, pod, route);
    }
  }

  /** Takes them away again. */
  public static void remove(Lab lab, LabPod pod) throws IOException {
    run(lab, pod, "nft delete table inet istio");
    for (String route : ROUTES) {
      run(lab, pod, route.replace(" add ", " del "));
    }
  }

  private static void run(Lab lab, LabPod pod, String command) throws IOException {
    CommandResult result = lab.run(pod.place(), List.of("sh", "-c", command));
    assertThat(result.ok()).as("%s: %s", command, result.err()).isTrue();
  }
}
