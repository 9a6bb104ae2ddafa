-- Corrects the cells of a list in turn, one a request, each time over the version that the time before left.
-- The list, separated by tabs: address, key of the cell, version, value.

local cells, turn = {}, 0

init = function(arguments)
  for line in io.lines(arguments[1]) do
    local path, key, version, value = line:match('([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)')
    cells[#cells + 1] = { path = path, key = key, version = tonumber(version), value = tonumber(value) }
  end
end

request = function()
  local cell = cells[turn % #cells + 1]
  turn = turn + 1
  local function field(name, text) return name .. '%2F' .. cell.key:gsub('/', '%%2F') .. '=' .. text end
  local body = table.concat({
    field('status', 'value'), field('value', cell.value + 1), field('version', cell.version),
    field('was', cell.value), field('comment', ''), field('wascomment', ''),
  }, '&')
  cell.version, cell.value = cell.version + 1, cell.value + 1
  return wrk.format('POST', cell.path, nil, body)
end

dofile(debug.getinfo(1, 'S').source:match('@(.*/)') .. 'wrk.lua')
