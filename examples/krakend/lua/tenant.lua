-- The tenant is the first part of the host name: acme.shop.example.com -> acme.
function tenant_of(host)
  local dot = string.find(host, ".", 1, true)
  if not dot then return "public" end
  return string.sub(host, 1, dot - 1)
end

function mark_tenant(c)
  c:headers("X-Tenant", tenant_of(c:host()))
end
