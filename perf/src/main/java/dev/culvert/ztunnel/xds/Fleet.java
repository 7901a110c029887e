// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.workload.Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.IntStream;

/** Many pods of namespace shop, told to a store as the control plane would. */
public final class Fleet {
  private Fleet() {}

  /** A store that knows so many pods, at most 131,072. */
  public static MeshStore of(int pods) {
    MeshStore store = new MeshStore("Kubernetes", "");
    store.addressSink().apply(IntStream.range(0, pods).mapToObj(Fleet::pod).toList(), List.of());
    return store;
  }

  /** A pod's workload. */
  public static Workload workload(MeshStore store, int number) {
    return store.workload("shop", "pod-" + number).orElseThrow();
  }

  /** A pod's address. */
  public static InetAddress address(int number) {
    try {
      return InetAddress.getByAddress(bytes(number));
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  /** 198.18.0.0/15 has room for 131,072. */
  private static byte[] bytes(int number) {
    return new byte[] {
      (byte) 198, (byte) (18 + (number >> 16)), (byte) (number >> 8), (byte) number
    };
  }

  private static Resource pod(int number) {
    String name = "pod-" + number;
    var workload =
        dev.culvert.policy.wire.workload.Workload.newBuilder()
            .setUid("Kubernetes//Pod/shop/" + name)
            .setNamespace("shop")
            .setName(name)
            .setServiceAccount("account-" + number % 500)
            .setNode("node" + number % 1000)
            .setClusterId("Kubernetes")
            .setWorkloadName("app-" + number % 500)
            .setCanonicalName("app-" + number % 500)
            .setCanonicalRevision("v1")
            .addAddresses(ByteString.copyFrom(bytes(number)));
    return Resource.newBuilder()
        .setName(workload.getUid())
        .setVersion("1")
        .setResource(Any.pack(Address.newBuilder().setWorkload(workload).build()))
        .build();
  }
}
