// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.cni;

import com.google.gson.JsonObject;
import dev.culvert.agent.cni.CniException.Code;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import jnr.unixsocket.Credentials;
import jnr.unixsocket.UnixSocketChannel;
import jnr.unixsocket.UnixSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers the shim: {@code ok}, whereupon it passes prevResult on itself, or an error as JSON. */
final class CniCalls implements Callers {
  private static final Logger LOG = LoggerFactory.getLogger(CniCalls.class);
  private static final int LONGEST_CALL = 2 << 20;
  private static final int ROOT = 0;
  private static final int PATIENCE_MS = 5_000;

  private final SandboxRequests sandboxes;

  CniCalls(SandboxRequests sandboxes) {
    this.sandboxes = sandboxes;
  }

  @Override
  public void answer(UnixSocketChannel caller) {
    try (caller) {
      caller.configureBlocking(true);
      caller.setOption(UnixSocketOptions.SO_RCVTIMEO, PATIENCE_MS);
      caller.setOption(UnixSocketOptions.SO_SNDTIMEO, PATIENCE_MS);
      Credentials credentials = caller.getOption(UnixSocketOptions.SO_PEERCRED);
      String text = read(caller);
      write(caller, credentials.getUid() == ROOT ? reply(text) : refusal(credentials));
    } catch (IOException e) {
      LOG.warn("cni: a caller was not answered: {}", e.getMessage());
    }
  }

  private static String refusal(Credentials caller) {
    LOG.warn("cni: refused uid {} (pid {})", caller.getUid(), caller.getPid());
    return error(
        "1.1.0", new CniException(Code.REFUSED, "only root may call, not uid " + caller.getUid()));
  }

  private String reply(String text) {
    String version = "1.1.0";
    try {
      CniCall call = CniCall.parse(text);
      version = call.version();
      carryOut(call);
      return "ok\n";
    } catch (CniException e) {
      LOG.warn("cni: {}", e.getMessage());
      return error(version, e);
    }
  }

  private void carryOut(CniCall call) throws CniException {
    switch (call.command()) {
      case "ADD", "CHECK" -> carryOutOfPod(call);
      case "DEL" -> sandboxes.delete(call.containerId());
      case "GC" -> sandboxes.keepOnly(call.validContainers());
      case "STATUS" -> {}
      default ->
          throw new CniException(
              Code.BAD_ENVIRONMENT,
              "CNI_COMMAND is '%s': one of ADD, DEL, CHECK, GC, STATUS, VERSION"
                  .formatted(call.command()));
    }
  }

  private void carryOutOfPod(CniCall call) throws CniException {
    if (!call.isOfPod()) {
      return; // it has its network, and no pod means no mesh
    }
    if (call.command().equals("ADD")) {
      sandboxes.add(call.sandbox());
    } else {
      sandboxes.check(call.sandbox());
    }
  }

  private static String error(String version, CniException e) {
    JsonObject error = new JsonObject();
    error.addProperty("cniVersion", version);
    error.addProperty("code", e.code().number());
    error.addProperty("msg", "culvert: " + e.getMessage());
    return error + "\n";
  }

  private static String read(UnixSocketChannel caller) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer part = ByteBuffer.allocate(16 << 10);
    while (caller.read(part) > 0) {
      all.write(part.array(), 0, part.position());
      part.clear();
      if (all.size() > LONGEST_CALL) {
        throw new IOException("its call is over 2 MiB");
      }
    }
    return all.toString(StandardCharsets.UTF_8);
  }

  private static void write(UnixSocketChannel caller, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining() && caller.write(bytes) > 0) {
      // A caller that does not read makes the write fail after the time-out.
    }
  }
}
