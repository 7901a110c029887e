// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import com.google.protobuf.ByteString;
import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.GatewayResource.Address;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.translate.TranslationNotice;
import dev.culvert.policy.wire.workload.GatewayAddress;
import dev.culvert.policy.wire.workload.NetworkAddress;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Where other networks are entered: Gateways of a class for that, with a label for the network. */
final class NetworkGateways {
  /** Says which network something is in, ours before Istio's. */
  static final List<String> LABELS = List.of("culvert.dev/network", "topology.istio.io/network");

  private static final Set<String> CLASSES = Set.of("culvert-remote", "istio-remote");
  private static final List<String> ACCOUNTS =
      List.of("culvert.dev/service-account", "gateway.istio.io/service-account");
  private static final String PROTOCOL = "HBONE";

  private final Map<String, Entrance> byNetwork = new TreeMap<>();
  private final List<TranslationNotice> notices = new ArrayList<>();

  /**
   * The way into a network.
   *
   * @param account the service account that the gateway proves, in the gateway's namespace
   */
  record Entrance(ObjectMeta gateway, String network, InetAddress ip, int port, String account) {
    GatewayAddress address() {
      return GatewayAddress.newBuilder()
          .setAddress(
              NetworkAddress.newBuilder()
                  .setNetwork(network)
                  .setAddress(ByteString.copyFrom(ip.getAddress())))
          .setHboneMtlsPort(port)
          .build();
    }
  }

  /**
   * @param gateways in the order in which they count, where a network has several
   * @param own the network that is not entered
   */
  NetworkGateways(List<GatewayResource> gateways, String own) {
    gateways.stream()
        .filter(gateway -> CLASSES.contains(gateway.className()))
        .filter(gateway -> !network(gateway.metadata()).equals(Optional.of(own)))
        .forEach(this::add);
  }

  /** The network that the labels name. */
  static Optional<String> network(ObjectMeta metadata) {
    return LABELS.stream().flatMap(label -> metadata.label(label).stream()).findFirst();
  }

  /** The way into a network that is not the own one. */
  Optional<GatewayAddress> of(String network) {
    return Optional.ofNullable(byNetwork.get(network)).map(Entrance::address);
  }

  List<Entrance> all() {
    return List.copyOf(byNetwork.values());
  }

  List<TranslationNotice> notices() {
    return notices;
  }

  private void add(GatewayResource gateway) {
    Optional<String> network = network(gateway.metadata());
    Optional<InetAddress> ip =
        gateway.addresses().stream().map(Address::ip).flatMap(Optional::stream).findFirst();
    Optional<GatewayListener> listener =
        gateway.listeners().stream().filter(one -> one.protocol().equals(PROTOCOL)).findFirst();
    if (network.isEmpty()) {
      notice(gateway, "it leads nowhere: name the network in label " + LABELS.getFirst());
    } else if (ip.isEmpty()) {
      notice(gateway, "it is not reached: write an address of type IPAddress in spec.addresses");
    } else if (listener.isEmpty()) {
      notice(gateway, "it is not reached: add a listener of protocol HBONE");
    } else {
      byNetwork.putIfAbsent(
          network.get(),
          new Entrance(
              gateway.metadata(),
              network.get(),
              ip.get(),
              listener.get().port(),
              account(gateway.metadata())));
    }
  }

  private static String account(ObjectMeta gateway) {
    return ACCOUNTS.stream()
        .flatMap(key -> gateway.annotation(key).stream())
        .findFirst()
        .orElse(gateway.name());
  }

  private void notice(GatewayResource gateway, String text) {
    notices.add(new TranslationNotice(gateway.key(), text));
  }
}
