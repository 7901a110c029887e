// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.workload.Address;
import dev.culvert.policy.wire.workload.LoadBalancing;
import dev.culvert.policy.wire.workload.Locality;
import dev.culvert.policy.wire.workload.NetworkAddress;
import dev.culvert.policy.wire.workload.Port;
import dev.culvert.policy.wire.workload.PortList;
import dev.culvert.ztunnel.xds.EndpointSet.Purpose;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Which endpoint of a service a new connection goes to, from the address that the app asked for.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EndpointDrawBenchmark {
  private static final String SERVICE = "shop/web.shop.svc.cluster.local";
  private static final byte[] VIP = {(byte) 198, 19, 0, 1};

  /** Endpoints of the service, in three zones, of seven capacities. */
  @Param({"10", "1000"})
  public int endpoints;

  private final RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
  private MeshStore store;
  private Workload client;
  private InetAddress vip;

  /** Fills a store as the control plane would. */
  @Setup
  public void fill() throws Exception {
    store = new MeshStore("Kubernetes", "");
    List<Resource> all = new ArrayList<>();
    all.add(service());
    for (int i = 0; i < endpoints; i++) {
      all.add(endpoint(i));
    }
    store.addressSink().apply(all, List.of());
    client = store.workload("shop", "pod-0").orElseThrow();
    vip = InetAddress.getByAddress(VIP);
  }

  /** The service by its address, then one of the endpoints of the nearest zone. */
  @Benchmark
  public Optional<ServiceEndpoint> nearest() {
    Service service = store.serviceByVip(vip, "shop").orElseThrow();
    return store.endpoints(service).draw(client, vip, 80, Purpose.APP, random);
  }

  private static Resource service() {
    var service =
        dev.culvert.policy.wire.workload.Service.newBuilder()
            .setNamespace("shop")
            .setName("web")
            .setHostname("web.shop.svc.cluster.local")
            .addAddresses(NetworkAddress.newBuilder().setAddress(ByteString.copyFrom(VIP)))
            .addPorts(Port.newBuilder().setServicePort(80).setTargetPort(8080))
            .setLoadBalancing(
                LoadBalancing.newBuilder()
                    .setMode(LoadBalancing.Mode.FAILOVER)
                    .addRoutingPreference(LoadBalancing.Scope.REGION)
                    .addRoutingPreference(LoadBalancing.Scope.ZONE));
    return resource(SERVICE, Address.newBuilder().setService(service).build());
  }

  private static Resource endpoint(int number) {
    var pod =
        dev.culvert.policy.wire.workload.Workload.newBuilder()
            .setUid("Kubernetes//Pod/shop/pod-" + number)
            .setNamespace("shop")
            .setName("pod-" + number)
            .setClusterId("Kubernetes")
            .setNode("node" + number)
            .setLocality(Locality.newBuilder().setRegion("eu").setZone("eu-" + number % 3))
            .setCapacity(UInt32Value.of(1 + number % 7))
            .addAddresses(
                ByteString.copyFrom(
                    new byte[] {(byte) 198, 18, (byte) (number >> 8), (byte) number}))
            .putServices(
                SERVICE,
                PortList.newBuilder()
                    .addPorts(Port.newBuilder().setServicePort(80).setTargetPort(8080))
                    .build());
    return resource(pod.getUid(), Address.newBuilder().setWorkload(pod).build());
  }

  private static Resource resource(String name, Message message) {
    return Resource.newBuilder()
        .setName(name)
        .setVersion("1")
        .setResource(Any.pack(message))
        .build();
  }
}
