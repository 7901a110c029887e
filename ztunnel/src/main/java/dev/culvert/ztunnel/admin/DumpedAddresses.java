// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import dev.culvert.ztunnel.json.JsonText;
import dev.culvert.ztunnel.xds.GatewayAddress;
import dev.culvert.ztunnel.xds.Service;
import io.netty.util.NetUtil;
import java.net.InetAddress;

/**
 * Addresses as {@code NETWORK/ADDRESS}, which is how istioctl takes them apart.
 *
 * @param network the own one, in which services have theirs
 */
record DumpedAddresses(String network) {

  String vip(Service.Vip vip) {
    boolean single = vip.prefixLength() == vip.address().getAddress().length * Byte.SIZE;
    return within(network, vip.address()) + (single ? "" : "/" + vip.prefixLength());
  }

  void gateway(JsonText json, String name, GatewayAddress gateway) {
    String destination =
        switch (gateway) {
          case GatewayAddress.ByService service -> service.namespace() + "/" + service.hostname();
          case GatewayAddress.ByIp ip -> within(ip.network(), ip.address());
        };
    json.object(
        name, g -> g.text("destination", destination).number("hboneMtlsPort", gateway.port()));
  }

  private static String within(String network, InetAddress address) {
    return network + "/" + NetUtil.toAddressString(address);
  }
}
