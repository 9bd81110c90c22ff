// How to reach the API server and as whom: in-cluster credentials or a kubeconfig. Read once at
// start; any thread.
#pragma once

#include "common/error.h"

#include <functional>
#include <optional>
#include <string>

namespace ropewalk::controller::kube {

struct ClusterConfig {
  // For messages: "in-cluster credentials", "kubeconfig /home/ada/.kube/config".
  std::string origin;
  std::string host;  // name or address, no brackets
  std::string port;
  std::string base_path;    // "" or "/k8s/clusters/x", no slash at the end
  std::string server_name;  // what the certificate must name, default: host
  std::string ca_pem;       // "" = the system's CAs
  std::string ca_file;      // set when the CA came from a file: read again when verification fails
  bool insecure_skip_verify = false;
  std::string client_certificate_pem;
  std::string client_key_pem;
  std::string token;
  std::string token_file;  // wins over token; re-read every minute and on 401
  std::string namespace_ = "default";
};

using Environment = std::function<std::optional<std::string>(const char* name)>;
Environment process_environment();

inline constexpr const char* kServiceAccountFolder =
    "/var/run/secrets/kubernetes.io/serviceaccount";

// In this order: `kubeconfig` if not empty, in-cluster credentials, $KUBECONFIG, ~/.kube/config.
// Errors are one line: what is missing where, or why a kubeconfig is not usable.
Result<ClusterConfig> load_cluster_config(
    const std::string& kubeconfig, const Environment& environment,
    const std::string& service_account_folder = kServiceAccountFolder);

}  // namespace ropewalk::controller::kube
