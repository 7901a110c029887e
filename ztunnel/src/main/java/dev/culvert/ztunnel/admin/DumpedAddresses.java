// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import dev.culvert.ztunnel.json.JsonText;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.WaypointAddress;
import io.netty.util.NetUtil;
import java.net.InetAddress;

/**
 * Addresses as {@code NETWORK/ADDRESS}, which is how istioctl takes them apart.
 *
 * @param network the own one, in which all of them are
 */
record DumpedAddresses(String network) {

  String vip(Service.Vip vip) {
    boolean single = vip.prefixLength() == vip.address().getAddress().length * Byte.SIZE;
    return within(vip.address()) + (single ? "" : "/" + vip.prefixLength());
  }

  void gateway(JsonText json, String name, WaypointAddress gateway) {
    String destination =
        switch (gateway) {
          case WaypointAddress.ByService service -> service.namespace() + "/" + service.hostname();
          case WaypointAddress.ByIp ip -> within(ip.address());
        };
    json.object(
        name, g -> g.text("destination", destination).number("hboneMtlsPort", gateway.port()));
  }

  private String within(InetAddress address) {
    return network + "/" + NetUtil.toAddressString(address);
  }
}
